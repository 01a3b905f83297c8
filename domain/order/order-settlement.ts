import { awaitsSettlement } from './fill-ledger';
import type { Fill, OrderState } from './order-types';

/** Fills of one settlement date due within this time settle together, which saves a timer and a posting run each. */
const SETTLEMENT_GROUP_MS = 1_000;
/** Fills of one group: what is booked at a time has to fit a payload. */
const SETTLEMENT_GROUP_MAX = 200;

/** Fills that settle together, and when. */
export interface NextSettlement {
  settlementDate: string;
  /** ISO 8601 UTC; no fill of the group is due later. */
  settleAt: string;
  fillIds: string[];
}

function unsettledFills(state: OrderState): Fill[] {
  return state.fills.filter(awaitsSettlement);
}

/** True while a live fill, or a correction of one that settled, is not settled. */
export function needsSettlement(state: OrderState): boolean {
  return state.fills.some(awaitsSettlement);
}

/** The earliest group of fills, and of corrections of settled fills, to be settled; undefined when there is none. */
export function nextSettlement(state: OrderState): NextSettlement | undefined {
  const unsettled = unsettledFills(state);
  const [head, ...rest] = unsettled;
  if (head === undefined) return undefined;
  const first = rest.reduce((best, fill) => (dueMs(fill) < dueMs(best) ? fill : best), head);
  const due = unsettled.filter(
    (fill) =>
      fill.settlementDate === first.settlementDate && dueMs(fill) - dueMs(first) < SETTLEMENT_GROUP_MS,
  );
  const group = due.slice(0, SETTLEMENT_GROUP_MAX);
  const last = group.reduce((latest, fill) => (dueMs(fill) > dueMs(latest) ? fill : latest), first);
  return {
    settlementDate: first.settlementDate,
    settleAt: last.settleAt,
    fillIds: group.map(({ fillId }) => fillId),
  };
}

function dueMs(fill: Fill): number {
  return Date.parse(fill.settleAt);
}
