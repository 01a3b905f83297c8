import assert from 'node:assert/strict';
import { runGates, type GateResult } from '../../../tools/deploy/gates/run-gates';
import { PROBE_ACCOUNT } from '../../../tools/deploy/gates/probe-account';
import { VIEW_VERSION } from '../../../storage/collections';
import { oldWriters } from '../../../tools/migrate/old-writers';
import { sourceTree } from '../../support/build-tree';
import { storedHistoryFiles } from '../../../tools/replay/replay';
import { eventually } from '../../support/eventually';
import { openDeployWorld, type DeployWorld } from './deploy-world';
import { placeOrders } from './place-orders';
import { readManifest } from '../../../tools/replay/manifest';

// Goal: a sound build passes every gate, and each kind of broken one is stopped by the gate that is there for it.
// Method: real orders on a current build in Temporal, MongoDB and the venue; candidates with one fault each.

const one = (results: readonly GateResult[]): GateResult => {
  assert.equal(results.length, 1);
  return results[0]!;
};

describe('gates before traffic', function () {
  this.timeout(300_000);
  let world: DeployWorld;

  before(async () => {
    world = await openDeployWorld();
    await world.makeBuild('current');
    await world.startBuild('current');
    await world.setCurrent('current');
    const placed = await placeOrders(world, 12);
    assert.ok(placed.every(({ outcome }) => outcome === 'accepted'));
    const open = `TemporalWorkerDeploymentVersion = '${world.context.deploymentName}:current' AND OrderState = 'routed'`;
    await eventually(async () => (await world.context.client.workflow.count(open)).count === 12, {
      timeoutMs: 30_000,
      what: 'twelve resting orders in visibility',
    });
  });
  after(() => world?.close());

  it('let a sound build through, with a probe that leaves no trace in the money of clients', async () => {
    const build = await world.makeBuild('sound');
    await world.startBuild('sound');
    const before = await world.context.db.collection('accountBalances').find({}).toArray();
    const results = await runGates(world.context, build);
    assert.deepEqual(
      results.map(({ gate, ok }) => [gate, ok]),
      [
        ['replay', true],
        ['compatibility', true],
        ['probe', true],
      ],
      results.map(({ summary }) => summary).join('\n'),
    );
    const [replay, , probe] = results;
    assert.equal(replay?.figures['stored'], (await storedHistoryFiles()).length);
    assert.ok(Number(replay?.figures['live']) >= 12, replay?.summary);
    assert.deepEqual(probe?.figures['stages'], [
      'acknowledged',
      'at the venue',
      'cancelled',
      'recorded',
      'released',
    ]);
    const after = await world.context.db.collection('accountBalances').find({}).toArray();
    assert.deepEqual(after, before);
    const orders = await world.context.db.collection('orders').find({ account: PROBE_ACCOUNT }).toArray();
    assert.deepEqual(
      orders.map(({ state, build: by }) => [state, by]),
      [['cancelled', 'sound']],
    );
    assert.equal(world.said.filter((line) => /^gate .* ok\./.test(line)).length, 3);
  });

  it('stop a build that is not deterministic, and name the order', async () => {
    const build = await world.makeBuild('altered', { code: 'altered' });
    const result = one(await runGates(world.context, build, { only: ['replay'], sampleMax: 3 }));
    assert.equal(result.ok, false);
    assert.match(result.summary, /failed, first .*Determinism/);
    assert.ok(Number(result.figures['live']) >= 3);
    // Only orders are altered: stored histories of corrections and lists replay.
    const others = (await readManifest()).filter(({ workflowType }) => workflowType !== 'order').length;
    const replayed = Number(result.figures['stored']) + Number(result.figures['live']);
    assert.equal(result.figures['failed'], replayed - others);
  });

  it('stop a build that refuses everything, and one that nobody runs, without leaving an order open', async () => {
    const deny = () => ({ outcome: 'denied', reasons: [{ code: 'UNKNOWN_SYMBOL', message: 'no' }] });
    await world.startBuild('refusing', { activities: { admitOrder: deny } });
    const build = await world.makeBuild('refusing');
    const refused = one(await runGates(world.context, build, { only: ['probe'] }));
    assert.equal(refused.ok, false);
    assert.match(refused.summary, /denied by validation: UNKNOWN_SYMBOL/);
    const unmanned = await world.makeBuild('unmanned');
    const waited = one(await runGates(world.context, unmanned, { only: ['probe'], probeStepMsMax: 2_000 }));
    assert.equal(waited.ok, false);
    assert.match(waited.summary, /came no further than nothing.*nothing was sent, and it was ended/);
    const { client } = world.context;
    await eventually(
      async () =>
        (
          await client.workflow.count(
            `Account = '${PROBE_ACCOUNT}' AND ExecutionStatus = 'Running' AND TaskQueue = '${world.taskQueue}'`,
          )
        ).count === 0,
      { timeoutMs: 30_000, what: 'the end of every probe' },
    );
  });

  it('stop a build whose data the current one cannot read, and the other way round', async () => {
    const view = 'domain/order/order-view.ts';
    const dir = sourceTree([
      { file: view, from: '  enteredBy: string;\n', to: '' },
      { file: view, from: '  sequence: number;', to: '  sequence: number;\n  desk: string;' },
    ]);
    const build = await world.makeBuild('breaking', { dir });
    const current = { buildId: 'current', dir: sourceTree() };
    const result = one(await runGates(world.context, build, { only: ['compatibility'], current }));
    assert.equal(result.ok, false);
    const breaks = (result.figures['breaks'] as string[]).join('\n');
    assert.match(
      breaks,
      /what the candidate writes: orderView\.enteredBy is not written, and the reader needs it/,
    );
    assert.match(
      breaks,
      /what the current build writes: orderView\.desk is not written, and the reader needs it/,
    );
  });

  it('say that they could not look, instead of letting a build through', async () => {
    const build = await world.makeBuild('unseen');
    const blind = { ...world.context, run: { ...world.context.run, apiUrl: 'http://127.0.0.1:1' } };
    const result = one(await runGates(blind, build, { only: ['compatibility'] }));
    assert.equal(result.ok, false);
    assert.match(result.summary, /could not look/);
    const missing = { ...build, bundlePath: `${build.bundlePath}.gone` };
    assert.equal(one(await runGates(world.context, missing, { only: ['replay'] })).ok, false);
  });

  it('know which builds may still write older documents', async () => {
    assert.deepEqual(await oldWriters(world.context, VIEW_VERSION), []);
    const [older, ...others] = await oldWriters(world.context, VIEW_VERSION + 1);
    assert.match(older ?? '', /build current has \d+ open orders and writes views of version 2/);
    assert.deepEqual(others, [], 'builds without open orders that take none write nothing');
    const elsewhere = { ...world.context, home: `${world.context.home}-gone` };
    assert.match((await oldWriters(elsewhere, VIEW_VERSION)).join(), /writes nobody knows what/);
  });

  it('send nothing in a dry run', async () => {
    const build = await world.makeBuild('dry');
    const results = await runGates({ ...world.context, dryRun: true }, build);
    assert.deepEqual(
      results.map(({ gate }) => gate),
      ['replay', 'compatibility'],
    );
  });
});
