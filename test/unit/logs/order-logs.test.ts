import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderIdOf } from '../../../domain/order/order-id';
import type { OrderEvent } from '../../../domain/order/order-events';
import { logRecordSchema } from '../../../observability/log-schema';
import { eventLine } from '../../../tools/logs/event-lines';
import { findOrder } from '../../../tools/logs/find-order';
import { LogFollower, readOrderLines } from '../../../tools/logs/log-files';
import { OrderLines, type FoundLine } from '../../../tools/logs/order-lines';
import { byTime, toText } from '../../../tools/logs/render';

// Goal: `npm run logs` finds every line about an order and none about another, over rotations and in time order.
// Method: log files as the processes write and the supervisor rotates them.

const WANTED = { orderId: orderIdOf('ACC-1', 'mine'), workflowId: 'order:ACC-1:mine' };
const TRACE = '0af7651916cd43dd8448eb211c80319c';
let second = 0;

function line(msg: string, more: Record<string, unknown> = {}): string {
  second += 1;
  const time = new Date(Date.parse('2026-03-04T05:00:00.000Z') + second * 1_000).toISOString();
  return `${JSON.stringify({ time, level: 'info', msg, component: 'test', ...more })}\n`;
}

const messages = (lines: readonly FoundLine[]): string[] => byTime(lines).map(({ msg }) => msg);

describe('logs of one order', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steadfill-logs-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (name: string, ...lines: string[]): Promise<void> =>
    appendFile(join(folder, name), lines.join(''));

  it('are joined by order, workflow, message to the venue and trace, from all files, by time', async () => {
    await write('api.log', line('answered', { orderId: WANTED.orderId, trace_id: TRACE }));
    await write('venue-simulator.log', line('entered', { clOrdId: `${WANTED.orderId}-1` }));
    await write('worker-orders-b2.log', line('of the trace alone', { trace_id: TRACE }));
    await write('worker-orders.log.1', line('rotated', { workflowId: WANTED.workflowId }));
    await write('api.log', line('later', { workflowId: WANTED.workflowId }));
    const found = await readOrderLines(folder, new OrderLines(WANTED));
    assert.deepEqual(messages(found), ['answered', 'entered', 'of the trace alone', 'rotated', 'later']);
  });

  it('are none of another order, though it is in the same trace or has a name that begins alike', async () => {
    await write(
      'api.log',
      line('mine', { orderId: WANTED.orderId, trace_id: TRACE }),
      line('another', { orderId: 'o-other', trace_id: TRACE }),
      line('alike', { workflowId: `${WANTED.workflowId}2` }),
      line('mentions it', { detail: { note: WANTED.orderId } }),
    );
    assert.deepEqual(messages(await readOrderLines(folder, new OrderLines(WANTED))), ['mine']);
  });

  it('take in what servers write about the workflow in their own way, where it has a time', async () => {
    await write(
      'temporal.log',
      `time=2026-03-04T05:00:00.000Z level=WARN msg=slow wf-id=${WANTED.workflowId} run=1\n`,
      `{"ts":"2026-03-04T05:00:01.000Z","level":"error","wf-id":"${WANTED.workflowId}2"}\n`,
      `no time ${WANTED.workflowId}\n`,
    );
    const found = await readOrderLines(folder, new OrderLines(WANTED));
    assert.equal(found.length, 1);
    assert.equal(found[0]?.component, 'temporal');
    assert.match(toText(found[0]!), /slow/);
  });

  it('are followed over a rotation, whole lines only', async () => {
    const log = join(folder, 'api.log');
    await write('api.log', line('before', { orderId: WANTED.orderId }));
    const follower = new LogFollower(folder, new OrderLines(WANTED));
    await follower.begin();
    const [head = '', tail = ''] = line('in two parts', { orderId: WANTED.orderId }).split(/(?<="level")/);
    await write('api.log', head);
    assert.deepEqual(messages(await follower.next()), []);
    await write('api.log', tail, line('last before rotation', { orderId: WANTED.orderId }));
    await copyFile(log, `${log}.1`);
    await truncate(log);
    await write('api.log', line('first after', { orderId: WANTED.orderId }));
    assert.deepEqual(messages(await follower.next()), [
      'in two parts',
      'last before rotation',
      'first after',
    ]);
    await write('worker-orders.log', line('a new file', { workflowId: WANTED.workflowId }));
    assert.deepEqual(messages(await follower.next()), ['a new file']);
    assert.deepEqual(await follower.next(), []);
  });

  it('are found by client order id without MongoDB, with the account where it is not the only one', async () => {
    await write('api.log', line('one', { ...WANTED, clientOrderId: 'mine' }));
    const question = { id: 'mine', account: undefined, logs: folder, mongo: undefined };
    assert.deepEqual(await findOrder(question), WANTED);
    await write('api.log', line('two', { workflowId: 'order:ACC-2:mine', clientOrderId: 'mine' }));
    await assert.rejects(findOrder(question), /--account \(ACC-1, ACC-2\)/);
    assert.deepEqual(await findOrder({ ...question, account: 'ACC-1' }), WANTED);
    assert.deepEqual(await findOrder({ ...question, id: WANTED.orderId }), WANTED);
    await assert.rejects(findOrder({ ...question, id: 'absent' }), /no order absent/);
  });

  it('are none where no log is', async () => {
    assert.deepEqual(await readOrderLines(join(folder, 'absent'), new OrderLines(WANTED)), []);
    await writeFile(join(folder, 'api.log'), '');
    assert.deepEqual(await readOrderLines(folder, new OrderLines(WANTED)), []);
  });
});

describe('events as lines', () => {
  const envelope = { v: 1, orderId: WANTED.orderId, seq: 1, at: '2026-03-04T05:00:00.000Z' };
  const bodies = [
    { type: 'orderReceived', request: { account: 'ACC-1', clientOrderId: 'mine' }, enteredBy: 'Jane' },
    { type: 'cancelRequested', requestId: 'r', by: 'Jane', clOrdId: 'c', reason: 'Jane asked' },
    { type: 'outcomeResolved', by: 'Jane', evidence: 'Jane asked', outcome: 'working' },
    { type: 'endedLocally', how: 'cancelled', by: 'Jane', reason: 'Jane asked' },
    { type: 'reportApplied', report: { kind: 'fill', clOrdId: 'c', execId: 'e', lastQty: '1', lastPx: '2' } },
    { type: 'fillsSettled', fillIds: ['f'], settlementDate: '2026-03-06' },
  ];
  for (const body of bodies) {
    it(`name no person: ${body.type}`, () => {
      const shown = eventLine({ ...envelope, ...body } as unknown as OrderEvent, WANTED);
      assert.ok(!JSON.stringify(shown).includes('Jane'));
      assert.ok(logRecordSchema.safeParse(JSON.parse(JSON.stringify(shown))).success, JSON.stringify(shown));
    });
  }
});
