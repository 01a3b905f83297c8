const FIRST_LOOK_MS = 2_000;

/**
 * When to look at the figures, in milliseconds from the beginning of the watch: soon at first, because a build that
 * refuses everything must not wait, then ever more rarely, because each look is a chance to be fooled. The last one is
 * at the limit.
 */
export function lookTimesMs(limitMs: number, looksMax: number): number[] {
  const firstMs = Math.min(FIRST_LOOK_MS, limitMs);
  const ratio = (limitMs / firstMs) ** (1 / Math.max(1, looksMax - 1));
  const times = Array.from({ length: looksMax }, (_, index) => Math.round(firstMs * ratio ** index));
  // Looks less than the first pause apart would see the same orders.
  return times.filter(
    (time, index) => index === 0 || time - (times[index - 1] ?? 0) >= firstMs || index === looksMax - 1,
  );
}
