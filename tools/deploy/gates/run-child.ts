import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** The descriptor that a child answers on; standard output belongs to whatever it loads. */
const ANSWER = 3;
const OUTPUT_CHARACTERS_MAX = 64 * 1024 * 1024;
const COMPLAINT_CHARACTERS_MAX = 2_000;

export interface ChildOptions {
  cwd: string;
  input?: string;
  timeoutMs: number;
  /** A file that every thread of the child loads first. */
  preload?: string;
}

/**
 * Runs a TypeScript file of a source tree with that tree's packages and gives what it wrote to
 * file descriptor 3, as JSON. Throws with
 * what it complained about when it ends otherwise than well, or takes longer than `timeoutMs`.
 */
export async function runForJson(
  file: string,
  args: readonly string[],
  { cwd, input = '', timeoutMs, preload }: ChildOptions,
): Promise<unknown> {
  const preloads = [...(preload === undefined ? [] : ['--require', preload]), '--import', 'tsx'];
  const child = spawn(process.execPath, [...preloads, file, ...args], {
    cwd,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let complaint = '';
  const answer = child.stdio[ANSWER] as Readable;
  answer.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(0, OUTPUT_CHARACTERS_MAX);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARACTERS_MAX);
  });
  // A child that ends before it has read everything is judged by how it ended.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...ended) => resolve(ended));
  });
  if (code !== 0) throw new Error(`${file} ended with ${code ?? signal ?? 'nothing'}: ${complaint.trim()}`);
  return JSON.parse(output);
}
