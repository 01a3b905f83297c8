import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'mocha';
import { runShard, type JobResult } from '../../../tools/test/job';
import { planShards, selectFiles } from '../../../tools/test/plan';
import { closing, jobText } from '../../../tools/test/summary';

const ROOT = resolve(__dirname, '../../..');
const result = (more: Partial<JobResult>): JobResult => ({
  name: 'unit',
  passed: 0,
  failures: [],
  skipped: [],
  durationMs: 1_000,
  ...more,
});

describe('the test runner', () => {
  it('deals files out to shards: unit together, folders apart, whole systems one at a time', () => {
    const files = ['test/unit/a/x.test.ts', 'test/unit/b/y.test.ts', 'test/unit/repository/z.test.ts'];
    const others = [
      'test/component/api/a.test.ts',
      'test/component/risk/b.test.ts',
      'test/replay/all.test.ts',
    ];
    const shards = planShards([...files, ...others, 'test/e2e/start.test.ts', 'test/chaos/kill.test.ts']);
    assert.deepEqual(
      shards.map(({ name, isExclusive }) => `${name}${isExclusive ? ' alone' : ''}`),
      [
        ...['unit', 'unit/repository', 'component/api', 'component/risk', 'replay'],
        ...['e2e/start alone', 'chaos/kill alone'],
      ],
    );
    assert.deepEqual(shards[0]?.files, files.slice(0, 2));
  });

  it('runs some files by a part of their path', () => {
    const files = ['test/unit/a/x.test.ts', 'test/e2e/start.test.ts'];
    assert.deepEqual(selectFiles(files, []), files);
    assert.deepEqual(selectFiles(files, ['./test/unit']), [files[0]]);
    assert.deepEqual(selectFiles(files, ['start']), [files[1]]);
  });

  it('closes with the sum, and a run of nothing is a failure', () => {
    const failing = result({ passed: 2, failures: [{ title: 't', error: 'e' }], skipped: ['s'] });
    assert.deepEqual(closing([result({ passed: 3 })]), { line: '3 passed, 0 failed', isGood: true });
    assert.deepEqual(closing([failing, failing]), { line: '4 passed, 2 failed, 2 skipped', isGood: false });
    assert.deepEqual(closing([]), { line: '0 passed, 1 failed', isGood: false });
    assert.deepEqual(closing([result({ skipped: ['s'] })]), {
      line: '0 passed, 1 failed, 1 skipped',
      isGood: false,
    });
    assert.deepEqual(closing([result({ passed: 1 })], 1), { line: '1 passed, 1 failed', isGood: false });
    assert.equal(
      jobText(failing),
      '✖ unit: 2 passed, 1 failed, 1 skipped (1.0 s)\n    skipped: s\n    failed: t\n      e',
    );
  });

  it('counts what a mocha process reports, and a process that crashes as a failure', async () => {
    const folder = mkdtempSync(join(ROOT, 'node_modules/.cache-test-'));
    try {
      const write = (name: string, body: string): string => {
        writeFileSync(join(folder, name), body);
        return join(folder, name);
      };
      mkdirSync(join(folder, 'sub'));
      const counts = write(
        'counts.test.ts',
        `describe('suite', () => { it('passes', () => undefined); it('fails', () => { throw new Error('because'); });
           it('is skipped'); });`,
      );
      const crash = write('crash.test.ts', `it('ends the process', () => process.exit(0));`);
      const broken = write('broken.test.ts', `import './no-such-file';`);
      const run = (file: string): Promise<JobResult> =>
        runShard(
          { name: 'shard', files: [file], isExclusive: false },
          { root: ROOT, env: {}, signal: new AbortController().signal },
        );
      const [counted, crashed, unloadable] = await Promise.all([run(counts), run(crash), run(broken)]);
      assert.deepEqual([counted.passed, counted.skipped], [1, ['suite is skipped']]);
      assert.equal(counted.failures.length, 1);
      assert.match(counted.failures[0]?.error ?? '', /because/);
      assert.match(crashed.failures[0]?.title ?? '', /ended without a report/);
      assert.match(unloadable.failures[0]?.error ?? '', /no-such-file/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
