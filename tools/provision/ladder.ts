/** What a rung found: a program (or for MongoDB a connection string) and how to treat it. */
export interface Found {
  /** Path of the program, or the connection string when `flavour` is `external`. */
  value: string;
  /** Which of the interchangeable programs this is: `temporal`, `mongod`, `secantusd`, … */
  flavour: string;
  /** Version as the program or the recipe says it. */
  version: string;
}

/**
 * How a rung ends. `movedOn` hands over to the next rung and says why; `refused` ends the ladder, because the user
 * asked for something by name and silently taking something else would be worse than stopping.
 */
export type RungOutcome = { found: Found } | { movedOn: string } | { refused: string };

export interface RungContext {
  /** Tells the user what happens now. */
  say: (text: string) => void;
  /** Aborted when the time of the rung is over or the user gives up. */
  signal: AbortSignal;
}

export interface Rung {
  /** What the user reads: `download`, `cargo install`, … */
  name: string;
  timeLimitMs: number;
  attempt: (context: RungContext) => Promise<RungOutcome>;
}

/** One thing to provision: its rungs from the cheapest to the dearest, and what a user can do when all fail. */
export interface Part {
  name: string;
  title: string;
  rungs: readonly Rung[];
  remedies: readonly string[];
}

export interface Attempt {
  rung: string;
  why: string;
  durationMs: number;
}

export type LadderResult =
  | { outcome: 'found'; part: Part; found: Found; rung: string; attempts: readonly Attempt[] }
  | { outcome: 'failed'; part: Part; attempts: readonly Attempt[] };

/** Climbs the rungs in order until one finds the part. A rung that throws, or outlives its time, has moved on. */
export async function climb(
  part: Part,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<LadderResult> {
  const attempts: Attempt[] = [];
  for (const rung of part.rungs) {
    if (signal.aborted) break;
    const startedAtMs = Date.now();
    const outcome = await attemptWithin(rung, (text) => say(`${rung.name}: ${text}`), signal);
    if ('found' in outcome)
      return { outcome: 'found', part, found: outcome.found, rung: rung.name, attempts };
    const why = 'refused' in outcome ? outcome.refused : outcome.movedOn;
    attempts.push({ rung: rung.name, why, durationMs: Date.now() - startedAtMs });
    say(`${rung.name}: ${why}`);
    if ('refused' in outcome) break;
  }
  return { outcome: 'failed', part, attempts };
}

async function attemptWithin(
  rung: Rung,
  say: (text: string) => void,
  outer: AbortSignal,
): Promise<RungOutcome> {
  const own = new AbortController();
  const signal = AbortSignal.any([outer, own.signal]);
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<RungOutcome>((end) => {
    const late = `took longer than ${Math.round(rung.timeLimitMs / 1_000)} s and was given up`;
    timer = setTimeout(() => {
      own.abort(new Error(late));
      end({ movedOn: late });
    }, rung.timeLimitMs);
  });
  try {
    return await Promise.race([rung.attempt({ say, signal }), overdue]);
  } catch (fault) {
    return { movedOn: fault instanceof Error ? fault.message : String(fault) };
  } finally {
    clearTimeout(timer);
  }
}
