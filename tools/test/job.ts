import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputTail, runCommand } from '../provision/run-command';
import { WORKFLOW_THREAD } from '../support/workflow-thread';
import { lintCacheArgs } from './lint-cache';
import type { Shard } from './plan';

/** How one static check or one shard went; a check counts as one test. */
export interface JobResult {
  name: string;
  passed: number;
  failures: readonly { title: string; error: string }[];
  skipped: readonly string[];
  durationMs: number;
}

export interface JobContext {
  root: string;
  env: Record<string, string>;
  signal: AbortSignal;
}

/** The static checks, by the names that they have in package.json. */
export const CHECKS = ['lint', 'typecheck', 'imports', 'format:check'] as const;

const CHECK_MS_MAX = 5 * 60_000;
const SHARD_MS_MAX = 15 * 60_000;
const TAIL_LINES = 60;

/** Runs one script of package.json. */
export async function runCheck(name: string, { root, env, signal }: JobContext): Promise<JobResult> {
  const startedAtMs = Date.now();
  const options = { cwd: root, env, signal, timeLimitMs: CHECK_MS_MAX };
  const args = name === 'lint' ? ['--', ...lintCacheArgs(root)] : [];
  const result = await runCommand('npm', ['run', '--silent', name, ...args], options);
  const failures = result.ok
    ? []
    : [{ title: `npm run ${name} (${result.why})`, error: outputTail(result.output, TAIL_LINES) }];
  return { name, passed: result.ok ? 1 : 0, failures, skipped: [], durationMs: Date.now() - startedAtMs };
}

/** Runs the files of a shard in a mocha process of its own. A process that does not report has failed. */
export async function runShard(shard: Shard, { root, env, signal }: JobContext): Promise<JobResult> {
  const startedAtMs = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'steadfill-test-'));
  try {
    const report = join(folder, 'report.json');
    const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
    const preload = ['--require', join(root, WORKFLOW_THREAD)];
    const args = [
      ...preload,
      mocha,
      '--exit',
      '--reporter',
      join(root, 'tools/test/shard-reporter.cjs'),
      ...shard.files,
    ];
    const result = await runCommand(process.execPath, args, {
      cwd: root,
      env: { ...env, STEADFILL_TEST_REPORT: report },
      signal,
      timeLimitMs: SHARD_MS_MAX,
    });
    const counted = await readReport(report);
    const durationMs = Date.now() - startedAtMs;
    const hasCrashed = counted === undefined || (!result.ok && counted.failures.length === 0);
    const { passed, failures, skipped } = counted ?? { passed: 0, failures: [], skipped: [] };
    if (!hasCrashed) return { name: shard.name, passed, failures, skipped, durationMs };
    const why = result.ok
      ? 'ended without a report'
      : `${result.why}${result.code === undefined ? '' : ` ${result.code}`}`;
    const crash = {
      title: `the shard ${shard.name} itself (${why})`,
      error: outputTail(result.output, TAIL_LINES),
    };
    return { name: shard.name, passed, failures: [...failures, crash], skipped, durationMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readReport(
  file: string,
): Promise<Pick<JobResult, 'passed' | 'failures' | 'skipped'> | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined
    ? undefined
    : (JSON.parse(text) as Pick<JobResult, 'passed' | 'failures' | 'skipped'>);
}
