/** Repeats `probe` until it neither throws nor returns undefined or false; the last fault is thrown at the bound. */
export async function eventually<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  options: { timeoutMs?: number; intervalMs?: number; what?: string } = {},
): Promise<T> {
  const { timeoutMs = 30_000, intervalMs = 50, what = 'the condition' } = options;
  const deadline = Date.now() + timeoutMs;
  let lastFault: unknown;
  for (;;) {
    try {
      const result = await probe();
      if (result !== undefined && result !== false) return result;
      lastFault = undefined;
    } catch (fault) {
      lastFault = fault;
    }
    if (Date.now() > deadline) {
      throw new Error(`${what} did not hold within ${timeoutMs} ms`, { cause: lastFault });
    }
    await new Promise((wake) => setTimeout(wake, intervalMs));
  }
}
