import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { copySources } from '../../tools/deploy/builds/build-sources';

const ROOT = resolve(__dirname, '../..');
const COMMAND_MS_MAX = 180_000;

export interface DeployAnswer {
  exitCode: number | null;
  /** What the command said on stdout, as an object. */
  data: Record<string, unknown>;
  progress: string;
  tookMs: number;
}

/** Runs `npm run deploy -- …` as npm would, on the system of this home. */
export async function deploy(home: string, args: readonly string[]): Promise<DeployAnswer> {
  const startedAtMs = Date.now();
  const child = spawn(process.execPath, ['tools/bootstrap.mjs', 'tools/deploy/main.ts', ...args, '--json'], {
    cwd: ROOT,
    env: { ...process.env, STEADFILL_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), COMMAND_MS_MAX);
  let [stdout, progress] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (progress += chunk.toString()));
  const exitCode = await new Promise<number | null>((done) => child.once('close', done));
  clearTimeout(timer);
  const tookMs = Date.now() - startedAtMs;
  if (stdout === '') throw new Error(`deploy ${args.join(' ')} said nothing (${exitCode}):\n${progress}`);
  return { exitCode, data: JSON.parse(stdout) as Record<string, unknown>, progress, tookMs };
}

/** A change of one file: `find` must be in it, so that an edit that hits nothing is no test of anything. */
export interface SourceEdit {
  file: string;
  find: string;
  replace: string;
}

const trees: string[] = [];

/** A copy of the sources of a build with some edits; removed when the process ends. */
export async function sourceTree(edits: readonly SourceEdit[]): Promise<string> {
  const tree = mkdtempSync(join(tmpdir(), 'steadfill-tree-'));
  trees.push(tree);
  await copySources(ROOT, tree);
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'), 'dir');
  for (const { file, find, replace } of edits) {
    const text = readFileSync(join(tree, file), 'utf8');
    if (!text.includes(find)) throw new Error(`${file} has no "${find}"`);
    writeFileSync(
      join(tree, file),
      text.replace(find, () => replace),
    );
  }
  return tree;
}

process.once('exit', () => {
  for (const tree of trees) rmSync(tree, { recursive: true, force: true });
});
