import type { OrderRequest } from '../order/order-types';
import type { Contingency } from '../order/list-membership';
import { CONTINGENT_ORDERS_MAX, type ListReason, type ListRequest } from './list-types';

/** Fewest orders that a list of each contingency has. A bracket has three: no fewer and no more. */
const ORDERS_MIN: Readonly<Record<Contingency, number>> = { none: 1, oco: 2, ouo: 2, oto: 2, bracket: 3 };
const BRACKET_ORDERS = 3;

/** An exit that waits for the market to go against the position. */
const STOP_LOSS_TYPES: ReadonlySet<string> = new Set(['stop', 'stopLimit', 'trailingStop']);
/** Orders that live for a moment have nothing to wait with, and nothing that could be taken from them. */
const MOMENTARY: ReadonlySet<string> = new Set(['ioc', 'fok']);

/**
 * Every breach of the form of a list, none when it may begin. What is wrong with an order by itself is for validation
 * and risk, which answer for each order.
 */
export function checkListForm(list: ListRequest): ListReason[] {
  const { contingency, orders } = list;
  const reasons = [...checkIds(orders), ...checkCount(contingency, orders.length)];
  if (contingency === 'ouo') reasons.push(...checkAlternatives(orders, 0));
  if (contingency === 'bracket' && orders.length === BRACKET_ORDERS) reasons.push(...checkBracket(orders));
  if (contingency !== 'none') reasons.push(...checkLifetimes(contingency, orders));
  return reasons;
}

function breach(field: string, message: string, value?: string): ListReason {
  return { code: 'LIST_MALFORMED', message, field, ...(value !== undefined && { value }) };
}

function checkIds(orders: readonly OrderRequest[]): ListReason[] {
  const seen = new Set<string>();
  return orders.flatMap(({ clientOrderId }, index) => {
    if (seen.has(clientOrderId)) {
      const message = 'Each order of a list has a clientOrderId of its own.';
      return [breach(`orders/${index}/clientOrderId`, message, clientOrderId)];
    }
    seen.add(clientOrderId);
    return [];
  });
}

function checkCount(contingency: Contingency, count: number): ListReason[] {
  const least = ORDERS_MIN[contingency];
  if (count < least)
    return [breach('orders', `A list with ${contingency} has at least ${least} orders.`, String(count))];
  if (contingency === 'bracket' && count > BRACKET_ORDERS)
    return [breach('orders', 'A bracket has an entry and two exits.', String(count))];
  if (contingency !== 'none' && count > CONTINGENT_ORDERS_MAX)
    return [
      breach('orders', `A contingent list has at most ${CONTINGENT_ORDERS_MAX} orders.`, String(count)),
    ];
  return [];
}

/** Orders that take quantity from each other are about the same thing. */
function checkAlternatives(orders: readonly OrderRequest[], from: number): ListReason[] {
  const first = orders[from];
  return orders.flatMap((order, index) => {
    if (index <= from || first === undefined) return [];
    return (['symbol', 'side', 'quantity'] as const)
      .filter((field) => order[field] !== first[field])
      .map((field) =>
        breach(`orders/${index}/${field}`, `Orders that update each other have one ${field}.`, order[field]),
      );
  });
}

function checkBracket(orders: readonly OrderRequest[]): ListReason[] {
  const [entry, ...exits] = orders;
  if (entry === undefined) return [];
  const reasons = checkAlternatives(orders, 1);
  exits.forEach((exit, index) => {
    const at = `orders/${index + 1}`;
    if (exit.symbol !== entry.symbol)
      reasons.push(breach(`${at}/symbol`, 'An exit is in the symbol of the entry.', exit.symbol));
    if ((exit.side === 'buy') === (entry.side === 'buy'))
      reasons.push(breach(`${at}/side`, 'An exit is on the other side of the entry.', exit.side));
    if (exit.quantity !== entry.quantity)
      reasons.push(breach(`${at}/quantity`, 'An exit has the quantity of the entry.', exit.quantity));
  });
  const limits = exits.filter(({ type }) => type === 'limit').length;
  const stops = exits.filter(({ type }) => STOP_LOSS_TYPES.has(type)).length;
  if (limits !== 1 || stops !== 1) {
    const message = 'The exits of a bracket are one limit (take profit) and one stop (stop loss).';
    reasons.push(breach('orders', message, exits.map(({ type }) => type).join(', ')));
  }
  return reasons;
}

function checkLifetimes(contingency: Contingency, orders: readonly OrderRequest[]): ListReason[] {
  return orders.flatMap(({ timeInForce }, index) => {
    const isParent = index === 0 && (contingency === 'oto' || contingency === 'bracket');
    if (isParent || !MOMENTARY.has(timeInForce)) return [];
    const message = 'An order that waits for another, or gives way to it, cannot live for a moment only.';
    return [breach(`orders/${index}/timeInForce`, message, timeInForce)];
  });
}
