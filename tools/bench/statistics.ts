/** Percentiles of a latency sample in milliseconds. */
export interface Percentiles {
  p50: number;
  p99: number;
}

/** The value below which `share` (0 to 1) of the samples lie, by the nearest-rank rule; NaN for no samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function percentilesOf(samples: readonly number[]): Percentiles {
  return { p50: rounded(percentile(samples, 0.5)), p99: rounded(percentile(samples, 0.99)) };
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function rounded(value: number, places = 2): number {
  return Number(value.toFixed(places));
}

/** Runs `work` and gives how long it took, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
