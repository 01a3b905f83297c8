import type { Target } from './generator';

const POLL_MS = 250;
/** Orders that still rest by then have lost their sender; a second is what settlement alone takes twice. */
const SWEEP_AFTER_MS = 4_000;
const REQUEST_MS_MAX = 20_000;

export interface Drained {
  /** Milliseconds from the end of the load until no order was open; undefined when the bound passed first. */
  drainMs: number | undefined;
  /** Orders whose sender could not cancel them, and that were cancelled here. */
  sweptOrders: number;
}

/**
 * Waits until no order is open. Resting orders whose sender gave up or never learned their id are cancelled in
 * between: cancels must go through also while a backlog is worked off.
 */
export async function drain(
  openOrders: () => Promise<number>,
  target: Target,
  timeLimitMs: number,
): Promise<Drained> {
  const startedAtMs = Date.now();
  const elapsedMs = (): number => Date.now() - startedAtMs;
  let nextSweepMs = SWEEP_AFTER_MS;
  const swept = new Set<string>();
  for (;;) {
    if ((await openOrders()) === 0) return { drainMs: elapsedMs(), sweptOrders: swept.size };
    if (elapsedMs() > timeLimitMs) return { drainMs: undefined, sweptOrders: swept.size };
    if (elapsedMs() > nextSweepMs) {
      for (const account of target.accounts)
        (await cancelAll(target, account)).forEach((id) => swept.add(id));
      nextSweepMs = elapsedMs() + SWEEP_AFTER_MS;
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/** Asks for the end of every open order of an account; the ids of those that took the request. */
async function cancelAll({ apiUrl, key }: Target, account: string): Promise<string[]> {
  const response = await fetch(`${apiUrl}/v1/orders?account=${account}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(REQUEST_MS_MAX),
  });
  const answer = (await response.json()) as { items?: { orderId: string; status: number }[] };
  return (answer.items ?? []).filter(({ status }) => status === 202).map(({ orderId }) => orderId);
}
