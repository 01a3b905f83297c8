import { constantly, type PhasePlan } from './generator';
import { LINKS, type LinkName } from './links';

export const PROFILE_NAMES = ['base', 'peak', 'spike', 'soak', 'latency'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** What is done to a connection while a phase runs. */
export type Disturbance = { link: LinkName; kind: 'delay' } | { link: LinkName; kind: 'cuts' };

export interface PlannedPhase {
  plan: PhasePlan;
  disturbance?: Disturbance;
  /** The load is above capacity on purpose: refusals are right there, losses are not. */
  isOverload: boolean;
  /** Seconds from the start at which the peak begins and ends, where there is one. */
  peak?: { fromSeconds: number; toSeconds: number };
}

export interface ProfileOptions {
  /** Orders a second of the base load: a tenth of what the system can do. */
  baseRatePerSecond: number;
  /** How long the load holds (the peak, for `peak` and `spike`; each phase, for `latency`). */
  seconds?: number;
  links?: readonly LinkName[];
}

const PEAK_FACTOR = 10;
const SPIKE_FACTOR = 25;
const SOAK_FACTOR = 5;
const LATENCY_FACTOR = 3;
const RAMP_SECONDS = 2;
const WAITING_MAX = { normal: 200, peak: 600, spike: 1_500 } as const;
const SECONDS = { base: 60, peak: 60, spike: 10, soak: 600, latency: 15 } as const;
/** Base load before and after the peak; a short peak has short shoulders, but recovery needs some time to be seen. */
const SHOULDER = { secondsMin: 3, secondsMax: 20, afterSecondsMin: 8 } as const;
/** What is far too much takes seconds to work off, and the end is to be judged after these. */
const AFTER_OVERLOAD_SECONDS_MIN = 30;
/** A phase of cuts is shorter than one of delays, because it compares nothing. */
const CUTS_SECONDS_MAX = 10;

const shoulderOf = (holdSeconds: number): number =>
  Math.min(SHOULDER.secondsMax, Math.max(SHOULDER.secondsMin, holdSeconds / 2));

/** Base load, a jump to `factor` times of it that holds, and base load again: does it come back? */
function hill(
  name: string,
  base: number,
  factor: number,
  holdSeconds: number,
  shoulderSeconds: number,
  waitingMax: number,
): PlannedPhase {
  const peak = base * factor;
  const isOverload = factor > PEAK_FACTOR;
  const afterSecondsMin = isOverload ? AFTER_OVERLOAD_SECONDS_MIN : SHOULDER.afterSecondsMin;
  return {
    plan: {
      name,
      startRatePerSecond: base,
      stages: [
        { ratePerSecond: base, seconds: shoulderSeconds },
        { ratePerSecond: peak, seconds: RAMP_SECONDS },
        { ratePerSecond: peak, seconds: holdSeconds },
        { ratePerSecond: base, seconds: RAMP_SECONDS },
        { ratePerSecond: base, seconds: Math.max(shoulderSeconds, afterSecondsMin) },
      ],
      readsPerOrder: 1,
      waitingMax,
    },
    isOverload,
    peak: { fromSeconds: shoulderSeconds, toSeconds: shoulderSeconds + holdSeconds + 2 * RAMP_SECONDS },
  };
}

function latencyPhases({ baseRatePerSecond, links }: ProfileOptions, seconds: number): PlannedPhase[] {
  const rate = baseRatePerSecond * LATENCY_FACTOR;
  const chosen = LINKS.filter(({ name }) => links === undefined || links.includes(name));
  const quiet: PlannedPhase = { plan: constantly('undisturbed', rate, seconds), isOverload: false };
  const delayed = chosen.map(({ name: link }): PlannedPhase => ({
    plan: constantly(`delay-${link}`, rate, seconds, WAITING_MAX.peak),
    disturbance: { link, kind: 'delay' },
    isOverload: false,
  }));
  const cut = chosen.map(({ name: link }): PlannedPhase => ({
    plan: constantly(`cuts-${link}`, rate, Math.min(seconds, CUTS_SECONDS_MAX), WAITING_MAX.peak),
    disturbance: { link, kind: 'cuts' },
    isOverload: false,
  }));
  return [quiet, ...delayed, ...cut];
}

/** The phases of a profile, in the order in which they run. */
export function phasesOf(profile: ProfileName, options: ProfileOptions): PlannedPhase[] {
  const { baseRatePerSecond: base, seconds = SECONDS[profile] } = options;
  switch (profile) {
    case 'base':
      return [{ plan: constantly('base', base, seconds), isOverload: false }];
    case 'peak':
      return [hill('peak', base, PEAK_FACTOR, seconds, shoulderOf(seconds), WAITING_MAX.peak)];
    case 'spike':
      return [hill('spike', base, SPIKE_FACTOR, seconds, shoulderOf(seconds), WAITING_MAX.spike)];
    case 'soak':
      return [{ plan: constantly('soak', base * SOAK_FACTOR, seconds, WAITING_MAX.peak), isOverload: false }];
    case 'latency':
      return latencyPhases(options, seconds);
  }
}
