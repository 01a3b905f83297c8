import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'mocha';
import { runShard, type JobResult } from '../../../tools/test/job';
import { planShards, selectFiles, type ShardLoad } from '../../../tools/test/plan';
import { runPool, type PoolJob } from '../../../tools/test/pool';
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
  it('deals files out to shards: unit together, folders apart, whole systems and long files alone, long ones first', () => {
    const files = ['test/unit/a/x.test.ts', 'test/unit/b/y.test.ts', 'test/unit/repository/z.test.ts'];
    const others = [
      'test/component/api/a.test.ts',
      'test/component/api/roll.test.ts',
      'test/component/risk/b.test.ts',
      'test/replay/all.test.ts',
    ];
    const systems = ['test/e2e/start.test.ts', 'test/chaos/kill.test.ts', 'test/load/load.test.ts'];
    const shards = planShards([...files, ...others, ...systems]);
    assert.deepEqual(
      shards.map(({ name, load, isSystem }) => `${name} ${load}${isSystem ? ' system' : ''}`),
      [
        ...['chaos/kill heavy system', 'component/api light', 'component/api/roll light'],
        ...['e2e/start light system', 'unit light', 'unit/repository light', 'component/risk light'],
        ...['replay light', 'load/load alone system'],
      ],
    );
    assert.deepEqual(shards.find(({ name }) => name === 'unit')?.files, files.slice(0, 2));
  });

  it('runs some shards at once, one heavy one among them, and those that are judged alone at the end', async () => {
    const running = new Set<string>();
    const seen: string[] = [];
    const job = (name: string, load: ShardLoad, turns: number): PoolJob => ({
      load,
      run: async () => {
        running.add(name);
        seen.push([...running].sort().join('+'));
        for (let turn = 0; turn < turns; turn += 1) await new Promise((wake) => setImmediate(wake));
        running.delete(name);
      },
    });
    const jobs = [job('load', 'alone', 1), job('h1', 'heavy', 9), job('h2', 'heavy', 9)];
    await runPool([...jobs, job('a', 'light', 2), job('b', 'light', 2), job('c', 'light', 30)], 2);
    assert.deepEqual(seen, ['h1', 'a+h1', 'b+h1', 'c+h1', 'c+h2', 'load']);
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
          { name: 'shard', files: [file], load: 'light', isSystem: false },
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
