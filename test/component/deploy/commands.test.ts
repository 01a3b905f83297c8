import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { readAudit } from '../../../tools/deploy/audit';
import { BUNDLE_FILE } from '../../../tools/deploy/builds/build-store';
import { canary, type CanaryOptions } from '../../../tools/deploy/commands/canary';
import { promote } from '../../../tools/deploy/commands/promote';
import { rollback } from '../../../tools/deploy/commands/rollback';
import { Refusal, type Outcome } from '../../../tools/deploy/outcome';
import { describeRouting } from '../../../tools/deploy/routing/deployment';
import {
  readRunningBuilds,
  updateRunningBuilds,
  withBuild,
  withCurrent,
} from '../../../tools/deploy/state/running-builds';
import { eventually } from '../../support/eventually';
import { openDeployWorld, type DeployWorld } from './deploy-world';
import { placeOrders } from './place-orders';
import type { AdmitOrderInput } from '../../../activities/order-steps.port';

type Admit = (input: AdmitOrderInput) => Promise<unknown>;

const AT_ONCE = 4;
/** A trickle: the workers of all builds are in this process, and so is the command that looks at their figures. */
const BETWEEN_ORDERS_MS = 250;
const WATCHED: Pick<CanaryOptions, 'percent' | 'watch' | 'limitSeconds'> = {
  percent: 50,
  watch: true,
  limitSeconds: 60,
};

// Goal: the commands act on what guard, gates and figures say, and on what others do meanwhile.
// Method: the commands in this process on a real Temporal, MongoDB and venue, with a worker for each build.
describe('deploy commands', function () {
  this.timeout(300_000);
  const [FIRST, DENYING, GOOD, LATE] = ['1', '2', '3', '4'].map((digit) => digit.repeat(16)) as [
    string,
    string,
    string,
    string,
  ];
  let world: DeployWorld;

  /** What `start` does, with a worker in this process. */
  const started = async (
    buildId: string,
    options: Parameters<DeployWorld['startBuild']>[1] = {},
  ): Promise<void> => {
    const { bundlePath, dir } = await world.makeBuild(buildId);
    copyFileSync(bundlePath, join(dir, BUNDLE_FILE));
    await world.startBuild(buildId, options);
    await updateRunningBuilds(world.context.home, (now) => withBuild(now, { buildId, startedBy: 'deploy' }));
  };
  /** Runs a canary while a trickle of orders comes in. */
  const watched = async (options: CanaryOptions): Promise<Outcome> => {
    // The gates first: they compile, in this process, which holds up the workers that are in it as well.
    await canary(world.context, { ...options, watch: false });
    let isOver = false;
    const ended = canary(world.context, options).finally(() => (isOver = true));
    while (!isOver) {
      await placeOrders(world, AT_ONCE);
      await pause(BETWEEN_ORDERS_MS);
    }
    return await ended;
  };
  const routing = async () => {
    const { current, ramping, percent } = await describeRouting(world.context);
    return { current, ramping, percent };
  };
  const steps = async (): Promise<string[]> =>
    (await readAudit(world.context.home)).map(({ step, buildId }) => `${step} ${buildId ?? ''}`);

  before(async () => {
    world = await openDeployWorld();
    await started(FIRST);
    await world.setCurrent(FIRST);
    await updateRunningBuilds(world.context.home, (now) => withCurrent(now, FIRST));
  });
  after(() => world?.close());

  it('refuse where there is nothing to bring in', async () => {
    await assert.rejects(canary(world.context, WATCHED), /There is no build to bring in/);
    await assert.rejects(promote(world.context, {}), Refusal);
    assert.deepEqual(await routing(), { current: FIRST, ramping: undefined, percent: 0 });
  });

  it('take a build back by its figures that denies every order but the probe', async () => {
    const admitOrder = async (input: AdmitOrderInput): Promise<unknown> =>
      input.validate.request.account.startsWith('ACC-')
        ? { outcome: 'denied', reasons: [{ code: 'UNKNOWN_SYMBOL', message: 'no' }] }
        : await (world.real['admitOrder'] as Admit)(input);
    await started(DENYING, { activities: { admitOrder } });
    const { exitCode, data } = await watched({ ...WATCHED, build: DENYING });
    assert.deepEqual(
      [exitCode, data['decision'], data['bad']],
      [1, 'rollback', DENYING],
      world.said.join('\n'),
    );
    assert.deepEqual(await routing(), { current: FIRST, ramping: undefined, percent: 0 });
    const record = await steps();
    for (const step of [
      `gatesPassed ${DENYING}`,
      `ramped ${DENYING}`,
      `decided ${DENYING}`,
      `takenBack ${DENYING}`,
    ])
      assert.ok(record.includes(step), `${step} of ${record.join(', ')}`);
    await assert.rejects(canary(world.context, WATCHED), /no build to bring in/, 'not again by itself');
  });

  it('promote a build by its figures that does as well as the current one', async () => {
    await started(GOOD);
    const { exitCode, data } = await watched({ ...WATCHED, limitSeconds: 120 });
    assert.deepEqual([exitCode, data['decision']], [0, 'promote'], world.said.join('\n'));
    assert.deepEqual(await routing(), { current: GOOD, ramping: undefined, percent: 0 });
    const again = await promote(world.context, {});
    assert.deepEqual([again.exitCode, again.data['changed']], [0, false]);
    assert.equal((await readRunningBuilds(world.context.home)).previous, FIRST);
  });

  it('end a canary that somebody else takes back while it watches, and refuse others meanwhile', async () => {
    await started(LATE);
    const ended = canary(world.context, { ...WATCHED, percent: 5, ordersMin: 100_000 });
    await eventually(async () => (await routing()).ramping === LATE, { timeoutMs: 60_000, what: 'the ramp' });
    await assert.rejects(promote(world.context, { build: FIRST }), new RegExp(`${LATE} ramps`));
    await rollback(world.context);
    const { exitCode, lines } = await ended;
    assert.equal(exitCode, 1);
    assert.match(lines.join(), /was taken back by another command/);
    assert.deepEqual(await routing(), { current: GOOD, ramping: undefined, percent: 0 });
  });

  it('say in a dry run what they would do', async () => {
    const dry = { ...world.context, dryRun: true };
    assert.match(
      (await canary(dry, { ...WATCHED, build: LATE })).lines.join(),
      /would take 50 % of new orders/,
    );
    assert.match((await promote(dry, { build: LATE })).lines.join(), /would take all new orders/);
    assert.deepEqual(await routing(), { current: GOOD, ramping: undefined, percent: 0 });
  });
});
