import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { RollFiles, type CodeRef, type RollState } from '../../../api/cluster/roll-files';
import { isProcessThere } from './process-there';
import type { RunDescription } from '../../support/running-system';

/** The starts of new workers, their readiness and the last answers of the old ones, each with its own bound inside. */
const ROLL_MS_MAX = 210_000;
/** The supervisor starts a killed primary again within seconds. */
const ABSENT_MS_MAX = 60_000;
const POLL_MS = 100;

export interface RollApiOptions {
  /** What `run.json` says of the system whose API is rolled. */
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

export interface RollApiResult {
  rollId: string;
  outcome: 'done' | 'failed' | 'wouldRoll';
  /** Why nothing was switched; only when it failed. The workers that served before go on serving. */
  reason?: string;
  /** The workers as they were before and as they are now. */
  before: RollState['processes'];
  after: RollState['processes'];
  durationMs: number;
}

/** Thrown when the API does not say what became of the roll in time; ask again under the same `rollId`. */
export class RollUnansweredError extends Error {
  readonly rollId: string;
  constructor(rollId: string, detail: string) {
    super(`the API did not finish the roll ${rollId}: ${detail}`);
    this.name = 'RollUnansweredError';
    this.rollId = rollId;
  }
}

/**
 * Replaces the workers of a running API by ones started from `code`: new ones start and become ready beside the old
 * ones, then take all new connections, and the old ones finish what they have. Resolves when nothing is in flight on
 * an old one; idle connections of clients may hold those open for 65 s more. Throws RollUnansweredError.
 */
export async function rollApi(options: RollApiOptions): Promise<RollApiResult> {
  const { run, say, code, rollId = `roll-${randomUUID()}`, dryRun = false } = options;
  const files = new RollFiles(dirname(run.credentialsFile), 'api');
  const begunMs = Date.now();
  const before = (await files.state())?.processes ?? [];
  const resultOf = (outcome: RollApiResult['outcome'], after: RollApiResult['after']): RollApiResult => ({
    rollId,
    outcome,
    before,
    after,
    durationMs: Date.now() - begunMs,
  });
  if (dryRun) {
    say(`would replace ${before.length} API worker(s) by ones from ${code?.dir ?? 'the same code'}`);
    return resultOf('wouldRoll', before);
  }
  if ((await files.state())?.rollId !== rollId) {
    await files.want({ rollId, askedAt: new Date().toISOString(), ...(code === undefined ? {} : { code }) });
    say(`asked the API for roll ${rollId}`);
  }
  const state = await followRoll(files, rollId, begunMs, say);
  const result = resultOf(state.outcome === 'done' ? 'done' : 'failed', state.processes);
  say(
    result.outcome === 'done' ? 'the API serves from new workers' : `nothing was switched: ${state.reason}`,
  );
  return state.reason === undefined ? result : { ...result, reason: state.reason };
}

async function followRoll(
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
      throw new RollUnansweredError(rollId, 'no API runs on this home');
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
  const workers = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  return phase === 'serving' ? '' : `${phase}: ${workers}`;
}
