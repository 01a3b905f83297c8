import type { Target } from './generator';

const RECONNECT_MS = 200;
const ENDED = new Set(['settled', 'cancelled', 'expired', 'rejected']);

interface StreamedOrder {
  orderId: string;
  clientOrderId: string;
  state: string;
  updatedAt: string;
}

/** What a client of the live stream saw of one order. */
export interface Seen {
  state: string;
  /** Epoch milliseconds at which the stream first said that it has ended. */
  endedAtMs?: number;
}

/**
 * A client of `GET /v1/stream/orders` for one account, as a screen would be one: it comes back after a cut with its
 * last position, and knows every order that it was told of.
 */
export class OrderStreamClient {
  readonly seen = new Map<string, Seen>();
  /** Milliseconds from the update of an order to its arrival here, one a change; clocks are the same machine's. */
  readonly lagsMs: number[] = [];
  reconnects = 0;
  private readonly target: Target;
  private readonly account: string;
  private readonly halt = new AbortController();
  private readonly running: Promise<void>;
  private lastEventId: string | undefined;

  constructor(target: Target, account: string) {
    this.target = target;
    this.account = account;
    this.running = this.follow();
  }

  async stop(): Promise<void> {
    this.halt.abort();
    await this.running;
  }

  private async follow(): Promise<void> {
    while (!this.halt.signal.aborted) {
      try {
        await this.readOnce();
      } catch {
        // Cut or not up: whether anything was missed is judged by what was seen in the end.
        this.reconnects += 1;
      }
      if (!this.halt.signal.aborted) await new Promise((wake) => setTimeout(wake, RECONNECT_MS));
    }
  }

  private async readOnce(): Promise<void> {
    const { apiUrl, key } = this.target;
    const response = await fetch(`${apiUrl}/v1/stream/orders?account=${this.account}`, {
      headers: {
        authorization: `Bearer ${key}`,
        ...(this.lastEventId !== undefined && { 'last-event-id': this.lastEventId }),
      },
      signal: this.halt.signal,
    });
    if (response.status !== 200 || response.body === null)
      throw new Error(`the stream answered ${response.status}`);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      blocks.forEach((block) => this.take(block));
    }
  }

  private take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
      }),
    );
    const [event, data, id] = [fields.get('event'), fields.get('data'), fields.get('id')];
    if (data === undefined) return;
    if (id !== undefined) this.lastEventId = id;
    if (event === 'snapshot') {
      (JSON.parse(data) as { items: StreamedOrder[] }).items.forEach((order) => this.note(order));
    } else if (event === 'order') {
      const order = JSON.parse(data) as StreamedOrder;
      this.lagsMs.push(Date.now() - Date.parse(order.updatedAt));
      this.note(order);
    }
  }

  private note({ orderId, state }: StreamedOrder): void {
    const before = this.seen.get(orderId);
    if (before?.endedAtMs !== undefined) return;
    this.seen.set(orderId, { state, ...(ENDED.has(state) && { endedAtMs: Date.now() }) });
  }
}
