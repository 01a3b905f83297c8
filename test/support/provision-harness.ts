import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { climb, type LadderResult, type Part } from '../../tools/provision/ladder';

/** A machine on which only what a test puts there exists: an empty cache and a PATH of fake tools. */
export interface FakeMachine {
  folder: string;
  cache: string;
  env: NodeJS.ProcessEnv;
  /** Puts a shell script on the PATH. Each call of it is recorded as one line. */
  addTool(name: string, script: string): void;
  callsOf(name: string): string[];
  remove(): void;
}

export function fakeMachine(): FakeMachine {
  const folder = mkdtempSync(join(tmpdir(), 'steadfill-machine-'));
  const tools = join(folder, 'tools');
  const cache = join(folder, 'cache');
  mkdirSync(tools);
  const calls = (name: string): string => join(folder, `${name}.calls`);
  return {
    folder,
    cache,
    // The system's own folders stay for the scripts' sake; what they might hold is overridden by adding a tool.
    env: { PATH: tools },
    addTool: (name, script) => {
      const head = `#!/bin/sh\necho "$@" >> "${calls(name)}"\nPATH=/usr/bin:/bin\n`;
      writeFileSync(join(tools, name), `${head}${script}\n`);
      chmodSync(join(tools, name), 0o755);
    },
    callsOf: (name) =>
      existsSync(calls(name)) ? readFileSync(calls(name), 'utf8').trimEnd().split('\n') : [],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const TEMPORAL_SAYS = 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"';
export const MONGOD_SAYS = 'echo "db version v8.0.17"';
export const SECANTUS_SAYS = 'echo "secantusd 0.5.3-beta.193"';

export interface Climbed {
  result: LadderResult;
  lines: string[];
  durationMs: number;
}

export async function climbed(part: Part): Promise<Climbed> {
  const lines: string[] = [];
  const startedAtMs = Date.now();
  const result = await climb(part, (text) => lines.push(text), new AbortController().signal);
  return { result, lines, durationMs: Date.now() - startedAtMs };
}

/** Why a rung moved on; throws when it did not. */
export function whyOf({ result }: Climbed, rung: string): string {
  const attempt = result.attempts.find((candidate) => candidate.rung === rung);
  if (attempt === undefined) throw new Error(`${rung} did not move on: ${JSON.stringify(result)}`);
  return attempt.why;
}
