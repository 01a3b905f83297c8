import type { OrderView } from '../../domain/order/order-view';
import type { Services } from '../services';

type Found = { ok: true; orders: OrderView[] } | { ok: false };

/** A key for all accounts names no account; the look-up then takes this many known accounts at most. */
const ACCOUNTS_TRIED_MAX = 100;

/**
 * Asks Temporal for orders that the view does not have (yet): how a client that saw a time-out finds out what
 * happened. Not found in Temporal means that there is no such order; not reachable means that nobody can say.
 */
export async function findByClientOrderId(
  { reads, reader, locator }: Services,
  accounts: readonly string[] | undefined,
  wanted: { clientOrderId: string; state?: string | undefined; symbol?: string | undefined },
): Promise<Found> {
  const candidates = accounts ?? (await knownAccounts(reads));
  if (candidates === undefined) return { ok: false };
  const results = await Promise.all(
    candidates
      .slice(0, ACCOUNTS_TRIED_MAX)
      .map((account) => reader.read(locator.placeOf(account, wanted.clientOrderId))),
  );
  if (results.some((result) => result.kind === 'unavailable')) return { ok: false };
  const orders = results.flatMap((result) => (result.kind === 'order' ? [result.order] : []));
  return { ok: true, orders: orders.filter((order) => fits(order, wanted)) };
}

function fits(
  order: OrderView,
  wanted: { state?: string | undefined; symbol?: string | undefined },
): boolean {
  const { state, symbol } = wanted;
  return (state === undefined || order.state === state) && (symbol === undefined || order.symbol === symbol);
}

async function knownAccounts(reads: Services['reads']): Promise<string[] | undefined> {
  const known = await reads.orUnavailable(() => reads.listAccounts());
  return known.ok ? known.value : undefined;
}
