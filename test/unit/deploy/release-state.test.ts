import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { digestSources, withoutPlace } from '../../../tools/deploy/builds/build-sources';
import { lookTimesMs } from '../../../tools/deploy/canary/look-times';
import { readAudit, recordStep } from '../../../tools/deploy/audit';
import { withTakenBack } from '../../../tools/deploy/commands/rollback';
import {
  NOTHING_RUNS,
  readRunningBuilds,
  updateRunningBuilds,
  withBuild,
  withCurrent,
} from '../../../tools/deploy/state/running-builds';
import { sourceTree } from '../../support/build-tree';

// Goal: what a release keeps between commands is right, and a build's name depends on its code alone.
// Method: the functions themselves, on folders of their own.

describe('sources of a build', () => {
  it('have one digest wherever they lie, and another one after any edit', async () => {
    const [one, other] = [sourceTree(), sourceTree()];
    assert.equal(await digestSources(one), await digestSources(other));
    writeFileSync(join(other, 'domain/errors/assert-never.ts'), 'export const changed = 1;\n');
    assert.notEqual(await digestSources(one), await digestSources(other));
  });

  it('are told from their bundle without the place where it was made', () => {
    const bundleIn = (way: string): string =>
      `/***/ "${way}/node_modules/a/b.js"\n/*!${'*'.repeat(way.length)}*!*/\n require("?${String(way.length).padStart(4, '0')}")\ncode`;
    const [near, far] = ['..', '../../../far/away'].map(
      (way) => `${bundleIn(way)}\n//# sourceMappingURL=${way}`,
    );
    assert.notEqual(near, far);
    assert.equal(withoutPlace(near ?? ''), withoutPlace(far ?? ''));
    assert.match(withoutPlace(near ?? ''), /code$/);
  });
});

describe('running builds', () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'steadfill-release-'))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('remember what was current before, and forget a canary that is over', () => {
    const first = withCurrent(withBuild(NOTHING_RUNS, { buildId: 'a', startedBy: 'start' }), 'a');
    assert.equal(first.previous, undefined);
    const ramping = { ...first, canary: { buildId: 'b', percent: 5 } };
    const second = withCurrent(ramping, 'b');
    assert.deepEqual([second.current, second.previous, second.canary], ['b', 'a', undefined]);
    assert.equal(withCurrent(second, 'b').previous, 'a', 'given again, it changes nothing');
  });

  it('do not bring a bad build back after it was taken back', () => {
    const now = { ...NOTHING_RUNS, current: 'bad', previous: 'good', takenBack: ['good'] };
    const after = withTakenBack(now, 'bad', 'good');
    assert.deepEqual([after.current, after.previous], ['good', undefined]);
    assert.deepEqual(after.takenBack, ['bad']);
    assert.equal(after.routedBy, 'deploy');
  });

  it('are not asked to be forgotten once they are wanted again', () => {
    const now = { ...NOTHING_RUNS, toForget: ['a', 'b'] };
    assert.deepEqual(withBuild(now, { buildId: 'a', startedBy: 'deploy' }).toForget, ['b']);
  });

  it('keep every change of commands that run at once', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `build-${index}`);
    await Promise.all(
      ids.map((buildId) =>
        updateRunningBuilds(home, (now) => withBuild(now, { buildId, startedBy: 'deploy' })),
      ),
    );
    const { builds } = await readRunningBuilds(home);
    assert.deepEqual(builds.map(({ buildId }) => buildId).sort(), [...ids].sort());
  });

  it('leave steps on record in order, and none of a dry run', async () => {
    const context = { home, by: 'jane', nowMs: () => 0, dryRun: false };
    await recordStep(context, { command: 'canary', step: 'ramped', buildId: 'a', details: { percent: 5 } });
    await recordStep({ ...context, dryRun: true }, { command: 'promote', step: 'promoted', details: {} });
    await recordStep(context, { command: 'rollback', step: 'takenBack', buildId: 'a', details: {} });
    const steps = (await readAudit(home)).map(({ by, step }) => `${by} ${step}`);
    assert.deepEqual(steps, ['jane ramped', 'jane takenBack']);
  });
});

describe('looks at a canary', () => {
  it('come soon, then ever more rarely, within their number, and at the limit', () => {
    for (const limitMs of [1_000, 2_000, 90_000, 900_000]) {
      const times = lookTimesMs(limitMs, 20);
      assert.ok(times.length <= 20 && (times[0] ?? 0) <= 2_000, String(times));
      assert.equal(times.at(-1), limitMs);
      assert.deepEqual(
        [...times].sort((a, b) => a - b),
        times,
      );
    }
  });
});
