import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { RollFiles, type CodeRef, type RollState } from '../../../api/cluster/roll-files';
import { isProcessThere } from './process-there';
import type { RunDescription } from '../../support/running-system';

/** The start of what is new, its readiness, and the end of what is old, each with its own bound inside. */
const ROLL_MS_MAX = 210_000;
/** Whoever rolls is started again within seconds when it is killed. */
const ABSENT_MS_MAX = 60_000;
const POLL_MS = 100;

export interface RollOptions {
  /** What `run.json` says of the system. */
  run: RunDescription;
  /** Progress for people. */
  say(line: string): void;
  /** The code to go to; the code that serves now, started anew, when it is left out. */
  code?: CodeRef;
  /**
   * Names the roll. Asked again under the same name it is the same roll: a finished one is only reported, one that was
   * interrupted goes on. A new name by default.
   */
  rollId?: string;
  /** Say what would be done. */
  dryRun?: boolean;
}

export interface RollResult {
  rollId: string;
  outcome: 'done' | 'failed' | 'wouldRoll';
  /** Why nothing was switched; only when it failed. What served before goes on serving. */
  reason?: string;
  /** The processes as they were before and as they are now. */
  before: RollState['processes'];
  after: RollState['processes'];
  durationMs: number;
}

/** Thrown when nobody says what became of the roll in time; ask again under the same `rollId`. */
export class RollUnansweredError extends Error {
  readonly rollId: string;
  constructor(rollId: string, detail: string) {
    super(`the roll ${rollId} was not finished: ${detail}`);
    this.name = 'RollUnansweredError';
    this.rollId = rollId;
  }
}

/** Asks for a roll of the process `name` in the home of `run`, and follows it to its end. Throws RollUnansweredError. */
export async function rollProcess(name: string, options: RollOptions): Promise<RollResult> {
  const { run, say, code, rollId = `roll-${randomUUID()}`, dryRun = false } = options;
  const files = new RollFiles(dirname(run.credentialsFile), name);
  const begunMs = Date.now();
  const known = await files.state();
  const before = known?.processes ?? [];
  const resultOf = (outcome: RollResult['outcome'], after: RollResult['after']): RollResult => ({
    rollId,
    outcome,
    before,
    after,
    durationMs: Date.now() - begunMs,
  });
  if (dryRun) {
    say(`would replace ${before.length} process(es) of ${name} by ones from ${code?.dir ?? 'the same code'}`);
    return resultOf('wouldRoll', before);
  }
  if (known?.rollId !== rollId) {
    await files.want({ rollId, askedAt: new Date().toISOString(), ...(code === undefined ? {} : { code }) });
    say(`asked for the roll ${rollId} of ${name}`);
  }
  const state = await follow(files, rollId, begunMs, say);
  const { outcome = 'failed', reason, processes } = state;
  say(outcome === 'done' ? `${name} was replaced` : `${name} was not replaced: ${reason}`);
  return { ...resultOf(outcome, processes), ...(outcome === 'failed' && reason !== undefined && { reason }) };
}

async function follow(
  files: RollFiles,
  rollId: string,
  begunMs: number,
  say: (line: string) => void,
): Promise<RollState> {
  let said = '';
  let seenMs = Date.now();
  for (;;) {
    const state = await files.state();
    if (state?.rollId === rollId) return state;
    if (state !== undefined && isProcessThere(state.pid)) seenMs = Date.now();
    if (Date.now() - seenMs > ABSENT_MS_MAX)
      throw new RollUnansweredError(rollId, 'nothing runs on this home');
    if (Date.now() - begunMs > ROLL_MS_MAX) throw new RollUnansweredError(rollId, `it is ${state?.phase}`);
    const line = state === undefined ? '' : lineOf(state);
    if (line !== '' && line !== said) say(line);
    said = line;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

function lineOf({ phase, processes }: RollState): string {
  const counts = new Map<string, number>();
  for (const { state } of processes) counts.set(state, (counts.get(state) ?? 0) + 1);
  const known = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  return phase === 'serving' ? '' : `${phase}: ${known}`;
}
