import { randomUUID } from 'node:crypto';
import type { LifecycleState } from '../../domain/order/order-types';
import type { Principal } from '../auth/permissions';
import { problem } from '../http/problem';
import { answer, type Reply } from '../http/route';
import type { OrderGateway } from '../temporal/order-gateway';
import type { Reads } from '../reads';
import { isoNow, type Clock } from '../clock';
import type { OrderChanges } from './change-order';
import type { OrderLocator, OrderPlace } from './order-locator';

/** Orders that one call cancels; a client with more repeats the call until `complete` is true. */
const ORDERS_MAX = 2_000;
const CONCURRENCY = 16;
const PAGE_ITEMS = 500;

/** States in which something may still trade. */
const OPEN_STATES: readonly LifecycleState[] = ['new', 'validated', 'routed', 'partiallyFilled', 'unknown'];

export interface MassCancelDependencies {
  reads: Reads;
  gateway: OrderGateway;
  locator: OrderLocator;
  changes: OrderChanges;
  clock: Clock;
}

interface CancelResult {
  orderId: string;
  clientOrderId: string;
  status: number;
  code?: string;
  detail?: string;
  order?: unknown;
}

/**
 * Cancels every open order of an account, each by itself. The open orders are those of the view together with those
 * that Temporal lists: either alone may be a moment behind, and an order that is missed goes on trading.
 */
export async function massCancel(
  dependencies: MassCancelDependencies,
  scope: { account: string; symbol?: string | undefined },
  principal: Principal,
): Promise<Reply> {
  const found = await findOpen(dependencies, scope);
  if (found === undefined) return problem('SERVICE_UNAVAILABLE', { detail: 'Open orders cannot be listed.' });
  const places = found.slice(0, ORDERS_MAX);
  const items: CancelResult[] = new Array<CancelResult>(places.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < places.length; index = next++) {
      const place = places[index];
      if (place !== undefined) items[index] = await cancelOne(dependencies.changes, place, principal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, places.length) }, worker));
  return answer(207, { items, complete: found.length <= ORDERS_MAX, asOf: isoNow(dependencies.clock) });
}

async function cancelOne(
  changes: OrderChanges,
  place: OrderPlace,
  principal: Principal,
): Promise<CancelResult> {
  const { orderId, clientOrderId } = place;
  const reply = await changes.cancel(place, {
    requestId: randomUUID(),
    by: principal.name,
    reason: 'mass cancel',
  });
  if (reply.kind === 'problem') {
    const { status, code, detail, order } = reply;
    return {
      orderId,
      clientOrderId,
      status,
      code,
      ...(detail === undefined ? {} : { detail }),
      ...(order === undefined ? {} : { order }),
    };
  }
  if (reply.kind === 'streaming') throw new Error('a cancel does not stream');
  return { orderId, clientOrderId, status: reply.status, ...(reply.body as { order: unknown }) };
}

/** Undefined when neither source could be asked. */
async function findOpen(
  { reads, gateway, locator }: MassCancelDependencies,
  scope: { account: string; symbol?: string | undefined },
): Promise<OrderPlace[] | undefined> {
  const [stored, listed] = await Promise.all([
    openInView(reads, scope),
    gateway.openOrders([scope.account], scope.symbol),
  ]);
  if (stored === undefined && !listed.ok) return undefined;
  const places = new Map<string, OrderPlace>();
  const ended = new Set(stored?.ended);
  for (const clientOrderId of stored?.open ?? []) {
    const place = locator.remember(scope.account, clientOrderId);
    places.set(place.orderId, place);
  }
  for (const { clientOrderId } of listed.ok ? listed.value : []) {
    if (ended.has(clientOrderId)) continue;
    const place = locator.remember(scope.account, clientOrderId);
    places.set(place.orderId, place);
  }
  return [...places.values()];
}

interface StoredOrders {
  open: string[];
  /** Filled orders whose workflow still runs until settlement: nothing is left to cancel. */
  ended: string[];
}

async function openInView(
  reads: Reads,
  { account, symbol }: { account: string; symbol?: string | undefined },
): Promise<StoredOrders | undefined> {
  const open: string[] = [];
  const ended: string[] = [];
  for (const state of [...OPEN_STATES, 'filled'] as const) {
    let cursor: string | undefined;
    do {
      const filter = { accounts: [account], symbol, state, limit: PAGE_ITEMS, cursor };
      const page = await reads.orUnavailable(() => reads.listOrders(filter));
      if (!page.ok) return undefined;
      (state === 'filled' ? ended : open).push(...page.value.items.map((order) => order.clientOrderId));
      cursor = state === 'filled' ? undefined : (page.value.nextCursor ?? undefined);
    } while (cursor !== undefined && open.length <= ORDERS_MAX);
  }
  return { open, ended };
}
