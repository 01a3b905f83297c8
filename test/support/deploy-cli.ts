import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

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
