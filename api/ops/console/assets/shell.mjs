const KEY_ITEM = 'steadfill.apiKey';
const REQUEST_MS_MAX = 5_000;
const CLOCK_MS = 500;
/** Two missed answers make what is shown stale. */
const STALE_INTERVALS = 2.5;

/** The API refused or could not be reached; `status` is 0 when there was no answer. */
export class ApiFault extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const at = (id) => document.getElementById(id);

/** Reads JSON from the API that served this page, with the key of this tab. Throws ApiFault. */
export async function fetchJson(path) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEY_ITEM) ?? ''}` };
  let response;
  try {
    response = await fetch(path, { headers, signal: AbortSignal.timeout(REQUEST_MS_MAX) });
  } catch (fault) {
    const why =
      fault.name === 'TimeoutError' ? `no answer within ${REQUEST_MS_MAX / 1_000} s` : 'no connection';
    throw new ApiFault(0, `the API cannot be reached (${why})`);
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new ApiFault(response.status, body.detail ?? body.title ?? `the API answered ${response.status}`);
}

/**
 * Runs a page: asks for a key when there is none, reads `path` every `intervalMs`, gives each answer to `render`, and
 * always says in the bar whether what is shown is live, how old it is and why it is not newer. An answer may name its
 * reader as `viewer: { name, role }`.
 */
export function startConsole({ path, intervalMs, render }) {
  const page = new Page(path, intervalMs, render);
  page.start();
  return page;
}

class Page {
  constructor(path, intervalMs, render) {
    Object.assign(this, { path, intervalMs, render });
    this.answeredAt = undefined;
    this.fault = undefined;
    this.round = 0;
  }

  start() {
    at('sign-in').addEventListener('submit', (event) => {
      event.preventDefault();
      sessionStorage.setItem(KEY_ITEM, at('api-key').value.trim());
      at('api-key').value = '';
      this.enter();
    });
    at('sign-out').addEventListener('click', () => this.leave(''));
    setInterval(() => this.showConnection(), CLOCK_MS);
    if (sessionStorage.getItem(KEY_ITEM) === null) this.leave('');
    else this.enter();
  }

  /** Begins to read with the key of this tab. */
  enter() {
    this.answeredAt = undefined;
    this.fault = undefined;
    at('sign-in-fault').textContent = '';
    at('sign-in').hidden = true;
    at('sign-out').hidden = false;
    this.showConnection();
    this.round += 1;
    void this.poll(this.round);
  }

  /** Forgets the key and what it showed. */
  leave(why) {
    this.round += 1;
    sessionStorage.removeItem(KEY_ITEM);
    this.answeredAt = undefined;
    this.fault = undefined;
    at('content').hidden = true;
    at('sign-out').hidden = true;
    at('viewer').hidden = true;
    at('sign-in').hidden = false;
    at('sign-in-fault').textContent = why;
    at('api-key').focus();
    this.showConnection();
  }

  async poll(round) {
    while (round === this.round) {
      const begunAt = performance.now();
      await this.read(round);
      const restMs = Math.max(0, this.intervalMs - (performance.now() - begunAt));
      await new Promise((wake) => setTimeout(wake, restMs));
    }
  }

  async read(round) {
    try {
      const answer = await fetchJson(this.path);
      if (round !== this.round) return;
      this.answeredAt = performance.now();
      this.fault = undefined;
      this.show(answer);
    } catch (fault) {
      if (round !== this.round) return;
      if (fault.status === 401) return this.leave('This key is not valid.');
      if (fault.status === 403) return this.leave(`This key may not see this page: ${fault.message}`);
      this.fault = fault.message;
    } finally {
      this.showConnection();
    }
  }

  show(answer) {
    if (answer.viewer !== undefined) {
      at('viewer').textContent = `${answer.viewer.name} (${answer.viewer.role})`;
      at('viewer').hidden = false;
    }
    at('content').hidden = false;
    this.render(answer, at('content'));
  }

  showConnection() {
    const { state, text } = this.connection();
    const shown = at('connection');
    const before = shown.dataset.state;
    shown.dataset.state = state;
    shown.textContent = text;
    document.body.dataset.connection = state;
    // A screen reader hears changes of the state, not each second of the clock.
    if (before !== state) at('announcement').textContent = text;
  }

  connection() {
    if (sessionStorage.getItem(KEY_ITEM) === null) return { state: 'signedOut', text: '○ Not signed in' };
    if (this.answeredAt === undefined) {
      return this.fault === undefined
        ? { state: 'connecting', text: '○ Connecting …' }
        : { state: 'down', text: `■ Not connected: ${this.fault}` };
    }
    const ageMs = performance.now() - this.answeredAt;
    const age = ageMs < 1_000 ? 'just now' : `${Math.floor(ageMs / 1_000)} s ago`;
    if (ageMs > this.intervalMs * STALE_INTERVALS) {
      return { state: 'stale', text: `■ Stale: last update ${age}; ${this.fault ?? 'waiting for the API'}` };
    }
    if (this.fault !== undefined) return { state: 'warn', text: `▲ Updated ${age}; now ${this.fault}` };
    return { state: 'live', text: `● Live, updated ${age}` };
  }
}
