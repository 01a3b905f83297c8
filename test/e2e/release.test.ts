import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { promote } from '../../tools/deploy/commands/promote';
import { readAudit } from '../../tools/deploy/audit';
import { openContext } from '../../tools/deploy/open-context';
import { Refusal } from '../../tools/deploy/outcome';
import { ApiClient, type NewOrder } from '../support/api-client';
import { sourceTree, type Edit } from '../support/build-tree';
import { deploy, type DeployAnswer } from '../support/deploy-cli';
import { eventually } from '../support/eventually';
import {
  assertLedgerIsZero,
  assertReservationsReleased,
  assertViewsEqualHistories,
  venueEntries,
  withDatabase,
} from '../support/invariants';
import { countOrdersOn, currentBuildOf, orderTrails } from '../support/order-builds';
import { startSystem, type RunningSystem } from '../support/system';
import type { OrderView } from '../../domain/order/order-view';
import type { DeployContext } from '../../tools/deploy/context';

// Goal: builds come and go under open orders and none of them notices: a good build takes five percent and then all, one
// that breaks replay is refused before traffic, one that refuses everything is taken back by its figures.
// Method: the real `npm start` and the real `npm run deploy`, builds of copied source trees with real edits, and the
// histories, views, venue and ledger of every order at the end.
const RESTING = 200;
const IN_RAMP = 400;
const AT_ONCE = 20;
/** At once while a canary watches: a trickle, so that the machine has time for its figures. */
const WHILE_WATCHED = 4;
const BETWEEN_ORDERS_MS = 250;
/** 400 draws at five percent: fewer than 6 or more than 36 happen once in ten thousand times. */
const SHARE = { least: 6, most: 36 };
const EFFECT_MS_MAX = 5_000;

const HARMLESS = {
  file: 'domain/errors/assert-never.ts',
  from: 'export function assertNever',
  to: '/** Nothing uses it: the second build differs by this alone. */\nexport const SECOND_BUILD = 2;\n\nexport function assertNever',
};
const NON_DETERMINISTIC = {
  file: 'workflows/order-entry/order.workflow.ts',
  from: '  const { life } = all;\n  if (life.input.carried',
  to: '  const { life } = all;\n  await condition(() => false, 1);\n  if (life.input.carried',
};
const DENIES_EVERYTHING = {
  file: 'domain/risk/check-risk.ts',
  from: '  reasons.push(...quantityBreaches(order, limits));',
  to: "  if (order.account.startsWith('ACC-')) reasons.push(breach('TRADING_HALTED', 'account', order.account));",
};

describe('release under open orders', function () {
  this.timeout(300_000);
  let system: RunningSystem;
  let trader: ApiClient;
  const builds = { first: '', second: '', broken: '', denying: '' };
  const resting: OrderView[] = [];
  const inRamp: OrderView[] = [];
  const later: OrderView[] = [];
  const denied: OrderView[] = [];
  const repeats: string[] = [];

  before(async () => {
    system = await startSystem();
    const key = system.credentials.keys.find(({ name }) => name === 'demo-trader');
    assert.ok(key);
    trader = new ApiClient(system.run.apiUrl, key.key);
    await eventually(async () => (await trader.call('GET', '/v1/quotes/SPY')).status === 200, {
      timeoutMs: 30_000,
      what: 'quotes',
    });
    builds.first = await currentBuild();
  });
  after(async () => {
    if (repeats.length > 0) console.log(`      repeated: ${repeats.join(', ')}`);
    await system?.stop();
  });

  const run = (...args: string[]): Promise<DeployAnswer> => deploy(system.home, args);
  const currentBuild = (): Promise<string> => currentBuildOf(system.run);
  const startBuild = async (edit: Edit): Promise<string> => {
    const { exitCode, data, progress } = await run('start', '--from', sourceTree([edit]));
    assert.equal(exitCode, 0, progress);
    return (data['build'] as { buildId: string }).buildId;
  };
  /** A client that is told to repeat does so, and meets the same order; what a repeat must not hide, histories show. */
  const answered = async (order: NewOrder) =>
    await eventually(
      async () => {
        const answer = await trader.submit(order);
        if (answer.body.retryable === true) repeats.push(`${order.clientOrderId}: ${answer.status}`);
        return answer.body.retryable === true ? undefined : answer;
      },
      { timeoutMs: 60_000, what: `an answer for ${order.clientOrderId}` },
    );
  const submit = async (order: NewOrder, into: OrderView[]): Promise<void> => {
    const { status, body } = await answered(order);
    if (status === 201 || status === 200) into.push(body.order);
    else if (status === 422 && body.order !== undefined) denied.push(body.order);
    else assert.fail(`${order.clientOrderId} answered ${status}: ${JSON.stringify(body)}`);
  };
  const submitMany = async (prefix: string, count: number, into: OrderView[]): Promise<void> => {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        next += 1;
        await submit(orderNumber(prefix, next), into);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, lane));
  };

  it('starts with 200 open orders on build 1', async () => {
    await submitMany('rest', RESTING, resting);
    assert.equal(resting.length, RESTING);
    await visible(() => countOrdersOn(system.run, builds.first, 'rest'), RESTING);
  });

  it('gives build 2 five percent of 400 new orders, within chance', async () => {
    builds.second = await startBuild(HARMLESS);
    assert.notEqual(builds.second, builds.first);
    const ramped = await run('canary', '--percent', '5', '--no-watch');
    assert.equal(ramped.exitCode, 0, ramped.progress);
    await submitMany('ramp', IN_RAMP, inRamp);
    assert.equal(inRamp.length, IN_RAMP, 'no order was refused');
    const shares = async (): Promise<number[]> =>
      await Promise.all([builds.first, builds.second].map((id) => countOrdersOn(system.run, id, 'ramp')));
    await visible(async () => (await shares()).reduce((sum, count) => sum + count), IN_RAMP);
    const [, onSecond = 0] = await shares();
    console.log(`      build 2 took ${onSecond} of ${IN_RAMP} orders`);
    assert.ok(onSecond >= SHARE.least && onSecond <= SHARE.most, `${onSecond} orders on build 2`);
    assert.equal(await countOrdersOn(system.run, builds.first, 'rest'), RESTING, 'open orders stay');
  });

  it('goes on with a ramp that is there already, and leaves it while there are too few orders', async () => {
    const again = await run('canary', '--percent', '5', '--limit-seconds', '1', '--orders-min', '1000');
    assert.equal(again.exitCode, 3, again.progress);
    assert.match(again.progress, /hold: .*of the 1000 needed/);
    assert.doesNotMatch(again.progress, /Gates/, 'gates were passed before the ramp');
  });

  it('promotes build 2, and a promote that is given again changes nothing', async () => {
    const promoted = await run('promote', '--by', 'jane.doe');
    assert.equal(promoted.exitCode, 0, promoted.progress);
    const again = await run('promote');
    assert.deepEqual([again.exitCode, again.data['changed']], [0, false]);
    await submitMany('promoted', AT_ONCE, later);
    await visible(() => countOrdersOn(system.run, builds.second, 'promoted'), AT_ONCE);
  });

  it('stops no build that has open orders', async () => {
    const { exitCode, data } = await run('stop', '--build', builds.first);
    assert.equal(exitCode, 1);
    assert.match(String(data['refused']), /has \d+ open orders/);
  });

  it('refuses a build that would not continue open orders before it takes any', async () => {
    builds.broken = await startBuild(NON_DETERMINISTIC);
    const { exitCode, data, progress } = await run('canary', '--percent', '5');
    assert.equal(exitCode, 1, progress);
    assert.equal(data['refusedBy'], 'gates', JSON.stringify(data));
    const gates = data['gates'] as { gate: string; ok: boolean; summary: string }[];
    const replay = gates.find(({ gate }) => gate === 'replay');
    assert.equal(replay?.ok, false, JSON.stringify(gates));
    const { data: status } = await run('status');
    assert.deepEqual([status['current'], status['ramping']], [builds.second, null]);
    assert.equal(await countOrdersOn(system.run, builds.broken), 0);
  });

  it('takes a build that refuses everything back by its figures', async () => {
    builds.denying = await startBuild(DENIES_EVERYTHING);
    const ramped = await run('canary', '--build', builds.denying, '--percent', '25', '--no-watch');
    assert.equal(ramped.exitCode, 0, ramped.progress);
    let isOver = false;
    const ended = run('canary', '--limit-seconds', '90').finally(() => (isOver = true));
    for (let round = 0; !isOver; round += 1) {
      await submitMany(`canary-${round}`, WHILE_WATCHED, later);
      await pause(BETWEEN_ORDERS_MS);
    }
    const { exitCode, data, progress } = await ended;
    assert.equal(exitCode, 1, progress);
    assert.equal(data['decision'], 'rollback', progress);
    assert.match(progress, /rollback: .*TRADING_HALTED/);
    const reached = await orderAfter('after-canary');
    assert.equal(reached, builds.second, 'the next order');
    console.log(`      taken back by ${denied.length} refused orders of ${later.length + denied.length}`);
    assert.ok(denied.length > 0);
    assert.equal(await currentBuild(), builds.second);
  });

  it('rolls a promoted build back with one command, for the next order, without MongoDB', async () => {
    const forced = await run('promote', '--build', builds.first);
    assert.equal(forced.exitCode, 0, forced.progress);
    assert.equal(await orderAfter('on-first'), builds.first);
    system.pause('mongodb');
    let taken: DeployAnswer;
    try {
      taken = await run('rollback', '--reason', 'shown in a test');
    } finally {
      system.resume('mongodb');
    }
    assert.deepEqual([taken.exitCode, taken.data['good']], [0, builds.second], taken.progress);
    assert.ok(Number(taken.data['tookMs']) < EFFECT_MS_MAX, `took ${String(taken.data['tookMs'])} ms`);
    console.log(
      `      the command took ${taken.tookMs} ms, ${String(taken.data['tookMs'])} ms of it for Temporal`,
    );
    const isReady = async () => (await fetch(`${system.run.apiUrl}/readyz`)).status === 200;
    await eventually(isReady, { timeoutMs: 30_000, what: 'MongoDB back for the API' });
    assert.equal(await orderAfter('after-rollback'), builds.second);
    const again = await run('rollback');
    assert.deepEqual([again.exitCode, again.data['changed']], [0, false], 'a second one brings nothing back');
  });

  it('changes no routing in the session of a guarded venue, and does after its close', async () => {
    const opened = await openOn(system.home);
    try {
      const base = await guardedContext(opened.full, system.home);
      const inSession = { ...base, nowMs: () => Date.parse('2026-11-25T20:59:58.000Z') };
      const refusal = await promote(inSession, { build: builds.first }).catch((fault: unknown) => fault);
      assert.ok(refusal instanceof Refusal, String(refusal));
      assert.equal(Date.parse(String(refusal.data['nextWindowAt'])), Date.parse('2026-11-25T21:00:00Z'));
      const alone = { overrideReason: 'an order is stuck', a: 'Jane Doe', b: 'jane.doe' };
      await assert.rejects(promote(inSession, { build: builds.first, ...alone }), /two different people/);
      assert.equal(await currentBuild(), builds.second);
      const startedAtMs = Date.now();
      const passing = { ...inSession, nowMs: () => inSession.nowMs() + Date.now() - startedAtMs };
      const done = await promote(passing, { build: builds.first, atClose: true });
      assert.equal(done.data['changed'], true);
      assert.ok(passing.nowMs() >= Date.parse('2026-11-25T21:00:00.000Z'), 'it waited for the close');
      assert.equal(await currentBuild(), builds.first);
    } finally {
      await opened.close();
    }
  });

  it('lost no order, moved none unasked, and failed none by a deployment', async () => {
    const accepted = [...resting, ...inRamp, ...later];
    const trails = await orderTrails(
      system.run,
      [...accepted, ...denied].map(({ workflowId }) => workflowId),
    );
    assert.deepEqual(
      trails.filter(({ builds: way }) => way.length !== 1),
      [],
      'each order has one build',
    );
    assert.deepEqual(
      trails.filter(({ taskFaults }) => taskFaults > 0),
      [],
      'no workflow task failed',
    );
    const byId = new Map(trails.map((trail) => [trail.workflowId, trail]));
    const buildOf = ({ workflowId }: OrderView) => byId.get(workflowId)?.builds[0];
    assert.deepEqual([...new Set(resting.map(buildOf))], [builds.first]);
    assert.deepEqual([...new Set(denied.map(buildOf))], [builds.denying], 'only the bad build refused');
    const stopped = accepted.filter(({ workflowId }) => byId.get(workflowId)?.status !== 'RUNNING');
    assert.deepEqual(
      stopped.map(({ workflowId }) => workflowId),
      [],
      'every accepted order is open',
    );
    const atVenue = await venueEntries(system.run.venueUrl);
    for (const { orderId } of accepted)
      assert.equal(atVenue.get(orderId), 1, `${orderId} is at the venue once`);
  });

  it('empties the old build, through it and by moving, and stops it', async () => {
    assert.equal((await run('rollback')).data['good'], builds.second);
    const queue = [...resting];
    const cancelNext = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop())
        assert.equal((await trader.cancel(next.orderId)).status, 202);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, cancelNext));
    const drained = await run('drain', '--build', builds.first, '--move', '--wait-seconds', '60');
    assert.equal(drained.exitCode, 0, JSON.stringify(drained.data).slice(0, 2_000));
    const [{ moved = [], stay } = { stay: [] }] = drained.data['moved'] as {
      moved: string[];
      stay: unknown[];
    }[];
    assert.deepEqual(stay, [], 'all of them replay on build 2');
    const stopped = await run('stop', '--build', builds.first);
    assert.deepEqual(stopped.data['stopped'], [builds.first]);
    for (const { orderId } of resting) assert.equal((await trader.order(orderId)).state, 'cancelled');
    const mover = inRamp.find(({ workflowId }) => moved.includes(workflowId));
    assert.ok(mover, 'orders were moved');
    assert.equal((await trader.cancel(mover.orderId)).status, 202);
    await trader.reach(mover.orderId, ['cancelled']);
    const [trail] = await orderTrails(system.run, [mover.workflowId]);
    assert.deepEqual(trail?.builds, [builds.first, builds.second], 'and is cancelled by its new build');
  });

  it('leaves ledger, reservations and views right', async () => {
    await withDatabase(system.run, async (db) => {
      await assertLedgerIsZero(db);
      await assertReservationsReleased(db);
    });
    await assertViewsEqualHistories(system.home);
  });

  it('has every step on record, on disk and in MongoDB, with who gave it', async () => {
    const audit = await readAudit(system.home);
    const steps = audit.map(({ step, buildId }) => `${step} ${buildId ?? ''}`.trim());
    for (const step of [
      `ramped ${builds.second}`,
      `promoted ${builds.second}`,
      `refusedByGates ${builds.broken}`,
      `decided ${builds.denying}`,
      `takenBack ${builds.denying}`,
      'refusedByGuard',
      `stopped ${builds.first}`,
    ])
      assert.ok(steps.includes(step), `${step} of ${steps.join(', ')}`);
    assert.equal(audit.find(({ step }) => step === 'promoted')?.by, 'jane.doe');
    await withDatabase(system.run, async (db) => {
      assert.equal(await db.collection('deployAudit').countDocuments(), audit.length);
    });
  });

  /** Sends one order and answers the build that took it. */
  const orderAfter = async (clientOrderId: string): Promise<string> => {
    const before = later.length;
    await submit({ ...orderNumber('x', 0), clientOrderId }, later);
    const sent = later[before];
    assert.ok(sent, `${clientOrderId} was refused`);
    const [trail] = await orderTrails(system.run, [sent.workflowId]);
    return trail?.builds[0] ?? '';
  };
});

function orderNumber(prefix: string, index: number): NewOrder {
  return {
    clientOrderId: `${prefix}-${index}`,
    account: index % 2 === 0 ? 'ACC-1' : 'ACC-2',
    symbol: 'SPY',
    side: 'buy',
    quantity: '10',
    type: 'limit',
    limitPrice: '155.00',
    timeInForce: 'gtc',
  };
}

/** Visibility is about a second behind what happened. */
async function visible(count: () => Promise<number>, expected: number): Promise<void> {
  let last = -1;
  await eventually(
    async () => {
      last = await count();
      return last === expected;
    },
    { timeoutMs: 30_000, intervalMs: 300, what: `${expected} orders in visibility` },
  ).catch((fault: unknown) => assert.fail(`${String(fault)}; the last count was ${last}`));
}

async function openOn(home: string) {
  const before = process.env['STEADFILL_HOME'];
  process.env['STEADFILL_HOME'] = home;
  try {
    return await openContext({ by: 'release test' });
  } finally {
    if (before === undefined) delete process.env['STEADFILL_HOME'];
    else process.env['STEADFILL_HOME'] = before;
  }
}

/** A context whose venue keeps New York's hours and is guarded. */
async function guardedContext(full: () => Promise<DeployContext>, home: string): Promise<DeployContext> {
  const file = join(home, 'guarded-venues.json');
  writeFileSync(file, JSON.stringify({ venues: [{ venue: 'XNYS', mic: 'XNYS', guarded: true }] }));
  const context = await full();
  return { ...context, say: () => undefined, config: { ...context.config, STEADFILL_VENUES_FILE: file } };
}
