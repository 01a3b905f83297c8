import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { loadConfig } from '../../../config/config';
import { rollback } from '../../../tools/deploy/commands/rollback';
import { stop } from '../../../tools/deploy/commands/stop';
import { Refusal } from '../../../tools/deploy/outcome';
import { describeRouting, setCurrent } from '../../../tools/deploy/routing/deployment';
import {
  readRunningBuilds,
  updateRunningBuilds,
  withBuild,
  withCurrent,
} from '../../../tools/deploy/state/running-builds';
import { releaseAtStart } from '../../../tools/start/release-at-start';
import { uniqueName } from '../../support/servers';
import { openHarness, type TemporalHarness } from '../../support/temporal-harness';
import type { RoutingContext } from '../../../tools/deploy/context';

// Goal: routing survives commands that die half-way, a rollback never needs more than Temporal, and a start routes only
// where nobody has deployed.
// Method: a real Temporal with a deployment of its own for each test, and a home with builds of which nothing runs.
describe('routing of builds', function () {
  this.timeout(60_000);
  const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(16)) as [string, string, string];
  let harness: TemporalHarness;
  let home: string;
  let context: RoutingContext;
  const said: string[] = [];

  before(async () => {
    harness = await openHarness();
  });
  after(async () => {
    await harness?.close();
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'steadfill-routing-'));
    const deploymentName = uniqueName('routing');
    for (const buildId of [A, B, C]) {
      mkdirSync(join(home, 'builds', buildId), { recursive: true });
      const record = {
        buildId,
        sourceDigest: buildId,
        createdAt: `2026-01-01T00:00:0${buildId[0]}Z`,
        from: home,
      };
      writeFileSync(join(home, 'builds', buildId, 'build.json'), JSON.stringify(record));
    }
    const config = loadConfig({
      STEADFILL_HOME: home,
      STEADFILL_DEPLOYMENT_NAME: deploymentName,
      STEADFILL_ORDERS_TASK_QUEUE: deploymentName,
    });
    context = {
      config,
      client: harness.client,
      namespace: 'default',
      deploymentName,
      home,
      say: () => undefined,
      nowMs: () => Date.now(),
      dryRun: false,
      by: 'test',
    };
    said.length = 0;
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** What `npm start` found in front of it. */
  const checkout = (buildId: string): void =>
    writeFileSync(join(home, 'builds/checkout.json'), JSON.stringify({ sourceDigest: buildId, buildId }));
  const startOn = async (buildId: string, profile: 'demo' | 'production' = 'demo'): Promise<void> => {
    checkout(buildId);
    const config = { ...context.config, STEADFILL_PROFILE: profile };
    const { client, namespace } = context;
    await releaseAtStart({ config, client, namespace, say: (line) => void said.push(line) });
  };
  const current = async (): Promise<string | undefined> => (await describeRouting(context)).current;
  /** What `promote` does, without guard, gates and workers. */
  const promoted = async (buildId: string): Promise<void> => {
    await setCurrent(context, { buildId, allowNoPollers: true });
    await updateRunningBuilds(home, (now) => ({
      ...withCurrent(withBuild(now, { buildId, startedBy: 'deploy' }), buildId),
      routedBy: 'deploy',
    }));
  };

  it('knows of a deployment that does not exist yet that nothing is current', async () => {
    assert.deepEqual((await describeRouting(context)).versions, []);
    await assert.rejects(rollback(context), Refusal);
  });

  it('gives orders to the first checkout, and to the next one while nobody has deployed', async () => {
    await startOn(A);
    assert.equal(await current(), A);
    await startOn(A);
    assert.deepEqual(said, [], 'nothing to say of a start that changes nothing');
    await startOn(B);
    assert.equal(await current(), B);
    assert.match(said.join('\n'), new RegExp(`build ${B}; new orders run on it`));
    const running = await readRunningBuilds(home);
    assert.deepEqual(
      running.builds.map(({ buildId }) => buildId),
      [B],
      'the one before has no open order and does not run',
    );
    assert.equal(running.previous, A);
  });

  it('leaves routing alone at a start once somebody has deployed, and in production', async () => {
    await startOn(A);
    await promoted(B);
    await startOn(C);
    assert.equal(await current(), B);
    assert.match(said.join('\n'), new RegExp(`The code in front of you is build ${C}`));
    await updateRunningBuilds(home, (now) => ({ ...now, routedBy: 'start' }));
    await startOn(C, 'production');
    assert.equal(await current(), B);
  });

  it('does not bring a build back at a start that was rolled back', async () => {
    await startOn(A);
    await promoted(B);
    assert.equal((await rollback(context)).data['good'], A);
    await startOn(B);
    assert.equal(await current(), A);
  });

  it('rolls back once, and says so when it is given again', async () => {
    await startOn(A);
    await promoted(B);
    const dry = await rollback({ ...context, dryRun: true });
    assert.match(dry.lines.join(), /Dry run/);
    assert.equal(await current(), B, 'a dry run changes nothing');
    assert.deepEqual((await rollback(context)).data['bad'], B);
    assert.equal((await rollback(context)).data['changed'], false);
    assert.equal(await current(), A);
    assert.deepEqual((await readRunningBuilds(home)).takenBack, [B]);
  });

  it('rolls back what a promote did that died before it was written down', async () => {
    await startOn(A);
    await setCurrent(context, { buildId: B, allowNoPollers: true });
    const { data } = await rollback(context);
    assert.deepEqual([data['bad'], data['good']], [B, A]);
    assert.equal(await current(), A);
  });

  it('goes back to a build that is named, and starts it when it was stopped', async () => {
    await startOn(A);
    await promoted(B);
    await rollback(context, { to: C.slice(0, 4) });
    assert.equal(await current(), C);
    const { builds } = await readRunningBuilds(home);
    assert.ok(builds.some(({ buildId }) => buildId === C));
    await assert.rejects(rollback(context, { to: 'ffff' }), /No build is called ffff/);
  });

  it('refuses a change that was decided on routing of a moment ago', async () => {
    await startOn(A);
    const basedOn = await describeRouting(context);
    await promoted(B);
    await assert.rejects(setCurrent(context, { buildId: A, basedOn, allowNoPollers: true }), /conflict/i);
    assert.equal(await current(), B);
  });

  it('stops nothing that takes orders', async () => {
    await startOn(A);
    await assert.rejects(stop(context, { build: A }), /it takes new orders/);
    await promoted(B);
    assert.match((await stop(context, {})).lines.join('\n'), new RegExp(`${B} stays: it takes new orders`));
  });
});
