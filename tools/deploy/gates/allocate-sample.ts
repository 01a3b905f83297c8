/**
 * How many histories to take of each group, given how many there are: one of each at least, the rest in proportion,
 * together `sampleMax` where the groups are fewer than that. A group is never left out, however small.
 */
export function allocateSample(counts: readonly number[], sampleMax: number): number[] {
  const quotas = counts.map((count): number => (count > 0 ? 1 : 0));
  let left = sampleMax - quotas.reduce((sum, quota) => sum + quota, 0);
  while (left > 0) {
    const next = mostUnderSampled(counts, quotas);
    if (next === undefined) break;
    quotas[next] = (quotas[next] ?? 0) + 1;
    left -= 1;
  }
  return quotas;
}

/** The group with the most members for each one that is taken, among those with members left. */
function mostUnderSampled(counts: readonly number[], quotas: readonly number[]): number | undefined {
  let best: number | undefined;
  let bestShare = 0;
  for (const [index, count] of counts.entries()) {
    const quota = quotas[index] ?? 0;
    if (quota >= count) continue;
    const share = count / (quota + 1);
    if (share > bestShare) [best, bestShare] = [index, share];
  }
  return best;
}

/** Indexes of `quota` members spread evenly over `count`, so that old and new orders are both in the sample. */
export function spreadOver(count: number, quota: number): number[] {
  const taken = Math.min(count, quota);
  return Array.from({ length: taken }, (_, index) => Math.floor(((index + 0.5) * count) / taken));
}
