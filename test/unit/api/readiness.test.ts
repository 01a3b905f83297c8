import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ReadinessProbe } from '../../../api/ops/readiness';

// Goal: the API is ready while the build that takes new orders has a worker, not while any other one has.
// Method: the probe on what Temporal would answer about the pollers of a task queue.
const NOW_MS = 1_000_000_000;

interface Poller {
  buildId?: string;
  ageMs: number;
}

async function isReady(current: string | undefined, pollers: readonly Poller[]): Promise<boolean> {
  const workflowService = {
    getSystemInfo: async () => ({}),
    describeTaskQueue: async () => ({
      pollers: pollers.map(({ buildId, ageMs }) => ({
        lastAccessTime: { seconds: (NOW_MS - ageMs) / 1_000 },
        ...(buildId !== undefined && { deploymentOptions: { buildId } }),
      })),
      ...(current !== undefined && { versioningInfo: { currentDeploymentVersion: { buildId: current } } }),
    }),
  };
  const temporal = {
    workflowService,
    options: { namespace: 'default' },
    withDeadline: async (_deadline: number, call: () => Promise<unknown>) => await call(),
  };
  const mongo = { ready: () => true, db: { command: async () => ({}) } };
  const probe = new ReadinessProbe({
    temporal: temporal as never,
    mongo: mongo as never,
    queues: [{ name: 'orders', kind: 'workflow' }],
    nowMs: () => NOW_MS,
  });
  return (await probe.check()).ready;
}

describe('readiness', () => {
  it('needs a worker of the current build', async () => {
    assert.equal(await isReady('a', [{ buildId: 'a', ageMs: 1_000 }]), true);
    assert.equal(await isReady('b', [{ buildId: 'a', ageMs: 1_000 }]), false);
    assert.equal(
      await isReady('b', [
        { buildId: 'a', ageMs: 1_000 },
        { buildId: 'b', ageMs: 200_000 },
      ]),
      false,
    );
    assert.equal(await isReady('b', []), false);
  });

  it('needs any worker where there are no builds', async () => {
    assert.equal(await isReady(undefined, [{ ageMs: 1_000 }]), true);
    assert.equal(await isReady(undefined, [{ ageMs: 200_000 }]), false);
  });
});
