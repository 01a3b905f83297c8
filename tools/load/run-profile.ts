import { cpus, totalmem } from 'node:os';
import { rounded } from '../bench/statistics';
import { figuresOf, type Latency, type PhaseFigures } from './figures';
import { judge, type Judged, type Verdict } from './judge';
import type { Operation } from './operation';
import { phasesOf, type PlannedPhase, type ProfileName, type ProfileOptions } from './profiles';
import { DELAY, LoadSession, type Capacity } from './session';
import type { LoadedSystem } from './system';

/** Everything that `--json` prints and that the report shows. */
export interface LoadReport {
  profile: string;
  startedAt: string;
  machine: { cores: number; processor: string; memoryGigabytes: number; node: string; platform: string };
  floor: Latency;
  /** Undefined when the base rate was given. */
  capacity: Capacity | undefined;
  baseRatePerSecond: number;
  delay: { latencyMs: number; jitterMs: number };
  phases: { figures: PhaseFigures; planned: PlannedPhase }[];
  verdicts: Verdict[];
  ok: boolean;
}

export interface ProfileRun {
  report: LoadReport;
  operations: { phase: string; operations: readonly Operation[] }[];
}

export interface RunOptions extends Omit<ProfileOptions, 'baseRatePerSecond'> {
  /** Orders a second of the base load; a tenth of the measured capacity when left out. */
  baseRatePerSecond?: number;
}

const BASE_TO_CAPACITY = 10;

function machine(): LoadReport['machine'] {
  const [first] = cpus();
  return {
    cores: cpus().length,
    processor: first?.model ?? 'unknown',
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Measures the floor and the capacity, runs the phases of a profile, checks everything and judges it. */
export async function runProfile(
  system: LoadedSystem,
  profile: ProfileName,
  options: RunOptions,
  say: (text: string) => void,
): Promise<ProfileRun> {
  const startedAt = new Date().toISOString();
  const session = await LoadSession.open(system);
  try {
    const floor = await session.floor();
    say(`floor: an empty update-with-start takes ${floor.p50Ms} ms (p50)`);
    const capacity = options.baseRatePerSecond === undefined ? await session.capacity() : undefined;
    if (capacity !== undefined) say(`capacity: ${capacity.ordersPerSecond} orders/s`);
    const baseRatePerSecond =
      options.baseRatePerSecond ?? rounded((capacity?.ordersPerSecond ?? 0) / BASE_TO_CAPACITY, 1);
    const judged: Judged[] = [];
    const operations: ProfileRun['operations'] = [];
    for (const planned of phasesOf(profile, { ...options, baseRatePerSecond })) {
      const run = await session.run(planned);
      const figures = figuresOf(run);
      judged.push({ planned, figures });
      operations.push({ phase: run.name, operations: run.operations });
      say(phaseText(figures));
    }
    say('checking orders, venue, views, histories, ledger and reservations …');
    const verdicts = judge(judged, await session.verify(), floor);
    const report: LoadReport = {
      profile,
      startedAt,
      machine: machine(),
      floor,
      capacity,
      baseRatePerSecond,
      delay: DELAY,
      phases: judged,
      verdicts,
      ok: verdicts.every(({ ok }) => ok),
    };
    return { report, operations };
  } finally {
    await session.close();
  }
}

function phaseText({ name, arrivals, acknowledged, refused, ack, drainSeconds }: PhaseFigures): string {
  const drained = drainSeconds === undefined ? 'never drained' : `drained in ${drainSeconds} s`;
  return `${name}: ${arrivals} orders, ${acknowledged} acknowledged (p50 ${ack.p50Ms} ms, p99 ${ack.p99Ms} ms), ${refused} refused, ${drained}`;
}
