import assert from 'node:assert/strict';
import { Worker } from '@temporalio/worker';
import { eventually } from '../../support/eventually';
import { uniqueName } from '../../support/servers';
import { openHarness } from '../../support/temporal-harness';
import { startApi, type ApiUnderTest } from './api-harness';
import type { Answer, ProblemBody } from '../../support/api-client';

const SUBMITS_IN_FLIGHT_MAX = 40;
const WAIT_MS_MAX = 500;
const SHED_CODES = ['TOO_BUSY', 'OVERLOADED'];
const SECONDS_MAX = 10;

interface Submitted extends Answer<ProblemBody> {
  clientOrderId: string;
  tookMs: number;
}

// Goal: too much is refused early and leaves nothing, what was taken is finished, and cancels go through all the time.
// Method: the API over real servers, with orders that are answered late, or no worker at all, at ten times the rate
// that can be answered; every answer is looked at.
describe('component: overload', function () {
  this.timeout(120_000);
  let api: ApiUnderTest;
  const env = {
    STEADFILL_SUBMITS_IN_FLIGHT_MAX: String(SUBMITS_IN_FLIGHT_MAX),
    STEADFILL_SUBMIT_WAIT_MS_MAX: String(WAIT_MS_MAX),
  };
  afterEach(async () => {
    await api?.stop();
  });

  const orderOf = (clientOrderId: string, symbol: string) => ({
    clientOrderId,
    account: 'ACC-1',
    symbol,
    side: 'buy',
    type: 'limit',
    limitPrice: '182.5',
    quantity: '100',
    timeInForce: 'day',
  });
  const trader = () => {
    const client = api.clients['trader'];
    assert.ok(client);
    return client;
  };
  const submit = async (symbol: string): Promise<Submitted> => {
    const clientOrderId = uniqueName('load');
    const begunMs = performance.now();
    const answer = await trader().call<ProblemBody>('POST', '/v1/orders', orderOf(clientOrderId, symbol));
    return { ...answer, clientOrderId, tookMs: performance.now() - begunMs };
  };
  /** An open model: they come at their times, whatever became of those before. */
  const arrive = async (symbol: string, perSecond: number, seconds: number): Promise<Submitted[]> => {
    const sent: Promise<Submitted>[] = [];
    const begunMs = performance.now();
    for (let count = 0; count < perSecond * seconds; count += 1) {
      const waitMs = begunMs + (count * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
      sent.push(submit(symbol));
    }
    return await Promise.all(sent);
  };
  const median = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const isThere = async (clientOrderId: string): Promise<boolean> =>
    await api.temporal.workflow
      .getHandle(`order:ACC-1:${clientOrderId}`)
      .describe()
      .then(
        () => true,
        () => false,
      );
  const shedCounted = async (): Promise<number> => {
    const text = await (await fetch(`${api.url}/metrics`)).text();
    const values = [...text.matchAll(/^steadfill_submits_shed_total\{.*\} (\d+)$/gm)];
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
  };
  const assertShed = (shed: readonly Submitted[]): void => {
    for (const { status, headers, body } of shed) {
      assert.ok(SHED_CODES.includes(body.code), `${status} ${body.code}`);
      assert.equal(body.retryable, true);
      const seconds = Number(headers.get('retry-after'));
      assert.ok(seconds >= 1 && seconds <= SECONDS_MAX, `Retry-After ${headers.get('retry-after')}`);
    }
  };

  it('sheds what is too much early, finishes what it took, and takes every cancel meanwhile', async () => {
    api = await startApi({ env });
    const resting = await Promise.all(Array.from({ length: 15 }, () => submit('IBM')));
    const ids = resting.map(({ body }) => body.order?.orderId ?? '');
    assert.ok(resting.every(({ status }) => status === 201));
    const arriving = arrive('SLOW', 60, 5);
    const cancels: Answer<ProblemBody>[] = [];
    for (const id of ids) {
      await new Promise((wake) => setTimeout(wake, 250));
      cancels.push(await trader().call<ProblemBody>('DELETE', `/v1/orders/${id}`));
    }
    const answers = await arriving;
    const taken = answers.filter(({ status }) => status === 201);
    const shed = answers.filter(({ status }) => status !== 201);
    assert.deepEqual([...new Set(cancels.map(({ status }) => status))], [202]);
    assert.ok(taken.length > 0 && shed.length > taken.length, `${taken.length} taken, ${shed.length} shed`);
    assertShed(shed);
    assert.ok(shed.some(({ body }) => body.code === 'TOO_BUSY'));
    assert.ok(median(shed.map(({ tookMs }) => tookMs)) < median(taken.map(({ tookMs }) => tookMs)) / 4);
    assert.equal(await shedCounted(), shed.length);
    for (const { clientOrderId } of shed.slice(0, 20)) assert.equal(await isThere(clientOrderId), false);
    for (const { clientOrderId } of taken) {
      const repeat = await trader().call('POST', '/v1/orders', orderOf(clientOrderId, 'SLOW'));
      assert.equal(repeat.status, 200);
    }
    await eventually(async () => (await submit('IBM')).status === 201, { what: 'an order after the load' });
  });

  it('refuses at once while nothing is answered, and every order that it had begun is there afterwards', async () => {
    api = await startApi({ env, worker: false });
    const answers = await arrive('IBM', 40, 4);
    const begun = answers.filter(({ status }) => status === 504);
    const shed = answers.filter(({ status }) => status !== 504);
    assert.ok(begun.length > 0 && begun.length <= SUBMITS_IN_FLIGHT_MAX + 8, `${begun.length} begun`);
    assertShed(shed);
    assert.ok(median(shed.map(({ tookMs }) => tookMs)) < median(begun.map(({ tookMs }) => tookMs)) / 4);
    for (const { clientOrderId } of shed.slice(0, 20)) assert.equal(await isThere(clientOrderId), false);
    const worker = await startOrderWorker(api.taskQueue);
    try {
      for (const { clientOrderId } of begun) {
        const repeated = async (): Promise<boolean> => {
          const repeat = await trader().call('POST', '/v1/orders', orderOf(clientOrderId, 'IBM'));
          return repeat.status === 200 || repeat.status === 201;
        };
        await eventually(repeated, { timeoutMs: 30_000, what: `order ${clientOrderId}` });
      }
    } finally {
      await worker.stop();
    }
  });
});

async function startOrderWorker(taskQueue: string): Promise<{ stop(): Promise<void> }> {
  const harness = await openHarness();
  const worker = await Worker.create({
    connection: harness.connection,
    taskQueue,
    workflowsPath: require.resolve('./order-stub.workflow'),
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      await harness.close();
    },
  };
}
