import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { MongoClient } from 'mongodb';
import type { Browser, Page } from 'playwright-core';
import { parseExposition } from '../../api/ops/live/exposition';
import { METRICS } from '../../observability/metrics/catalog';
import { openBrowser } from '../support/browser';
import { eventually } from '../support/eventually';
import { startSystem, type RunningSystem } from '../support/system';

// Goal: every process of a real system says how it is, and a person at /ops sees orders flow, sees what stopped, and
// always knows whether the page is live. Method: npm start, orders, a real browser, and processes that are paused.
const SHOWN_MS_MAX = 30_000;
const ORDERS_MS = 100;

/** These are counted, and so shown, only once something went wrong. */
const RAISED: ReadonlySet<string> = new Set([METRICS.orderAnomalies.name, METRICS.listAlertsRaised.name]);

describe('e2e: operations', function () {
  this.timeout(300_000);
  let system: RunningSystem;
  let orders: { stop(): void };
  before(async () => {
    system = await startSystem();
    orders = sendOrders();
  });
  after(async () => {
    orders?.stop();
    await system?.stop();
  });

  const keyOf = (role: string): string => system.credentials.keys.find((key) => key.role === role)?.key ?? '';

  /** A trader who sends ten orders a second; every tenth is denied. */
  function sendOrders(): { stop(): void } {
    const headers = { authorization: `Bearer ${keyOf('trader')}`, 'content-type': 'application/json' };
    let count = 0;
    const timer = setInterval(() => {
      count += 1;
      const symbol = count % 10 === 0 ? 'NOPE' : 'IBM';
      const order = { clientOrderId: `ops-${count}`, account: 'ACC-1', symbol, side: 'buy', type: 'market' };
      const body = JSON.stringify({ ...order, quantity: '1', timeInForce: 'day' });
      // A request that fails while its process is paused is part of what the page must show.
      void fetch(`${system.run.apiUrl}/v1/orders`, { method: 'POST', headers, body }).then(
        (response) => response.arrayBuffer(),
        () => undefined,
      );
    }, ORDERS_MS);
    return { stop: () => clearInterval(timer) };
  }

  it('has metrics of every process, which run.json and the files for Prometheus name', async () => {
    const { metricsTargets } = system.run;
    const names = metricsTargets.map(({ name }) => name);
    assert.deepEqual(names, ['temporal', 'venue-simulator', 'worker-orders', 'worker-execution', 'api']);
    for (const { url } of metricsTargets) assert.equal(new URL(url).hostname, '127.0.0.1');
    for (const file of ['prometheus.yml', 'targets.json'])
      assert.ok(existsSync(join(system.home, 'prometheus', file)));
    const found = await eventually(
      async () => {
        const samples = await Promise.all(
          metricsTargets.map(async ({ url }) => {
            const text = await (await fetch(url)).text();
            return parseExposition(text, () => true);
          }),
        );
        const held = new Set(samples.flat().map(({ name }) => name.replace(/_(bucket|count|sum)$/, '')));
        const missing = Object.values(METRICS).filter(({ name }) => !held.has(name) && !RAISED.has(name));
        return missing.length === 0 && samples;
      },
      { timeoutMs: SHOWN_MS_MAX, intervalMs: 500, what: 'every metric of the catalogue, from some process' },
    );
    for (const { name, labels } of found.flat().filter(({ name: known }) => known.startsWith('steadfill_'))) {
      const definition = Object.values(METRICS).find((one) => name.startsWith(one.name));
      const ours = Object.keys(labels).filter((label) => !SDK_LABELS.has(label));
      for (const label of ours)
        assert.ok(label in (definition?.labels ?? {}), `${name} has the label ${label}`);
    }
    const builds = found.flat().filter(({ name }) => name === `${METRICS.orderAcknowledgement.name}_count`);
    assert.ok(builds.some(({ labels, value }) => /^[0-9a-f]{16}$/.test(labels['build'] ?? '') && value > 0));
  });

  describe('the page', () => {
    let browser: Browser;
    let page: Page;
    const faults: string[] = [];
    before(async function () {
      const opened = await openBrowser();
      // Without a browser there is nothing to look with; the run shows these as skipped.
      if (opened === undefined) return this.skip();
      browser = opened;
      page = await browser.newPage({ viewport: { width: 1440, height: 1100 } });
      page.on('pageerror', (fault) => faults.push(fault.message));
      page.on('console', (message) => {
        // A request that fails while the API is paused is told by the browser too; our own faults are not excused.
        const isExpected = /Failed to load resource|net::ERR/.test(message.text());
        if (message.type() === 'error' && !isExpected) faults.push(message.text());
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(system.run.apiUrl) && !request.url().startsWith('data:')) {
          faults.push(`asked ${request.url()}`);
        }
      });
      await page.goto(`${system.run.apiUrl}/ops`);
    });
    after(async () => {
      await browser?.close();
    });

    const textOf = (selector: string): Promise<string> =>
      page.locator(selector).innerText({ timeout: 5_000 });
    const says = (selector: string, expected: RegExp, what: string): Promise<true> =>
      eventually(async () => expected.test(await textOf(selector)), {
        timeoutMs: SHOWN_MS_MAX,
        intervalMs: 200,
        what: `${selector} saying ${what}`,
      }) as Promise<true>;

    async function signIn(key: string): Promise<void> {
      await page.getByLabel('API key').fill(key);
      await page.getByRole('button', { name: 'Sign in' }).click();
    }

    it('asks for a key, and says why it does not take one', async () => {
      await says('#connection', /Not signed in/, 'that nobody is signed in');
      await signIn('not-a-key');
      await says('#sign-in-fault', /not valid/, 'that the key is not valid');
      await signIn(keyOf('trader'));
      await says('#sign-in-fault', /may not see this page/, 'that a trader may not see it');
      assert.equal(await page.locator('#content').isVisible(), false);
    });

    it('shows the rate of the orders that flow, and that all is well', async () => {
      await signIn(keyOf('ops'));
      await says('#connection', /Live, updated/, 'that it is live');
      await says('#viewer', /demo-ops \(ops\)/, 'who is signed in');
      const isFlowing = async (): Promise<boolean> => {
        const shown = /([\d.]+)\s*orders\/s/.exec(await textOf('#order-rate'))?.[1];
        return Number(shown) > 2;
      };
      await eventually(isFlowing, { timeoutMs: SHOWN_MS_MAX, what: 'a rate of orders' });
      await says('#verdict', /Everything works/, 'that all is well');
      await says('#outcomes', /accepted[\s\S]*denied[\s\S]*UNKNOWN_SYMBOL/, 'outcomes and reasons');
      await says('#latencies', /Risk check\s+[\d.]+ ms/, 'the time of a risk check');
      await says('#latencies', /Venue answer\s+[\d.]+ ms/, 'the time of a venue');
      await says('#builds', /[0-9a-f]{16}[\s\S]*100 %/, 'the one build with all answers');
      await says('#venues', /XSIM\s+● up/, 'that the venue is there');
      await says('#breaks', /Assets whose ledger is not zero\s+● 0/, 'that the books agree');
      assert.match(
        (await page.locator('#orders svg').getAttribute('aria-label')) ?? '',
        /^Orders a second from/,
      );
    });

    it('names a venue that stopped, and the cause, and is good again after', async () => {
      system.pause('venue-simulator');
      try {
        await says('#verdict', /Trouble[\s\S]*session with XSIM is down/, 'that the venue is down');
        await says(
          '#processes',
          /venue-simulator\s+■ no answer within 1 s/,
          'which process is silent, and why',
        );
      } finally {
        system.resume('venue-simulator');
      }
      await says('#venues', /XSIM\s+● up/, 'that the venue is there again');
    });

    it('says that it is stale, since when and why, while the API does not answer', async () => {
      system.pause('api');
      try {
        await says(
          '#connection',
          /Stale: last update \d+ s ago; the API cannot be reached/,
          'that it is stale',
        );
        assert.equal(await page.locator('body').getAttribute('data-connection'), 'stale');
      } finally {
        system.resume('api');
      }
      await says('#connection', /Live, updated/, 'that it is live again');
    });

    it('can be used without seeing colours or using a mouse', async () => {
      const badges = await page.locator('.state').allInnerTexts();
      assert.ok(badges.length > 5);
      for (const badge of badges) assert.match(badge, /^[●▲■○] \S/, 'a state is a sign and a word');
      const unnamed = await page.locator('button:not(:has-text("Sign")), table:not(:has(caption))').count();
      assert.equal(unnamed, 0);
      const headless = await page.locator('main section:not([aria-label]):not([aria-labelledby])').count();
      assert.equal(headless, 0);
      await page.getByRole('button', { name: 'Sign out' }).focus();
      await page.keyboard.press('Enter');
      await says('#connection', /Not signed in/, 'that nobody is signed in');
      assert.equal(await page.evaluate('sessionStorage.length'), 0, 'the key is forgotten');
      assert.equal(await page.evaluate('document.activeElement.id'), 'api-key');
    });

    it('asked nobody but the API, and had no fault', () => {
      assert.deepEqual(faults, []);
    });
  });

  // A suite of its own, because a suite runs its tests before the suites inside it, and this one ends the orders.
  describe('the counts', () => {
    let mongo: MongoClient;
    before(async () => {
      mongo = await MongoClient.connect(system.run.mongoUri);
    });
    after(async () => {
      await mongo?.close();
    });

    it('have each order once, in the API and in its workflow', async () => {
      orders.stop();
      const sumOf = async (
        process: string,
        name: string,
        label: string,
        values: readonly string[],
      ): Promise<number> => {
        const target = system.run.metricsTargets.find((one) => one.name === process);
        const text = await (await fetch(target?.url ?? '')).text();
        const samples = parseExposition(text, (metric) => metric === name);
        return samples
          .filter(({ labels }) => values.includes(labels[label] ?? ''))
          .reduce((sum, { value }) => sum + value, 0);
      };
      const transitions = (state: string): Promise<number> =>
        sumOf('worker-orders', METRICS.orderTransitions.name, 'state', [state]);
      const answers = (outcome: string): Promise<number> =>
        sumOf('api', `${METRICS.orderAcknowledgement.name}_count`, 'outcome', [outcome]);
      // The views say what became of them: while the venue was silent some may have ended as orders seldom do.
      const views = mongo.db('steadfill').collection('orders');
      const viewsThat = (are: object): Promise<number> =>
        views.countDocuments({ clientOrderId: { $regex: '^ops-' }, ...are });
      const open = { state: { $in: ['new', 'validated', 'routed', 'partiallyFilled', 'filled', 'unknown'] } };
      let last: Record<string, number | undefined> = {};
      const isEven = async (): Promise<boolean> => {
        const [begun, settled, rejected] = await Promise.all(['new', 'settled', 'rejected'].map(transitions));
        const [accepted, denied, unknown] = await Promise.all(['accepted', 'denied', 'unknown'].map(answers));
        const [all, areSettled, areRejected, areOpen] = await Promise.all(
          [{}, { state: 'settled' }, { state: 'rejected' }, open].map(viewsThat),
        );
        const answered = (accepted ?? 0) + (denied ?? 0);
        last = { begun, settled, rejected, accepted, denied, unknown, all, areSettled, areRejected, areOpen };
        // An answer that came too late for its caller may have been either.
        const isAnsweredOnce = answered <= Number(all) && Number(all) <= answered + (unknown ?? 0);
        const isCountedOnce = begun === all && settled === areSettled && rejected === areRejected;
        return isAnsweredOnce && isCountedOnce && areOpen === 0 && Number(all) > 0;
      };
      const even = eventually(isEven, {
        timeoutMs: 2 * SHOWN_MS_MAX,
        intervalMs: 500,
        what: 'the same count everywhere',
      });
      await even.catch((fault: unknown) => {
        throw new Error(`${String(fault)}: ${JSON.stringify(last)}`);
      });
    });
  });
});

/** What the SDK adds to metrics of workflows and workers; all from closed sets. */
const SDK_LABELS = new Set(['component', 'namespace', 'taskQueue', 'workflowType', 'le', 'service_name']);
