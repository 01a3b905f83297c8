import { reversalPostings, settlementPostings, tradePostings, type Posting } from '../../domain/money/ledger';
import { evolve } from '../../domain/order/evolve';
import { changedFills, toFillViews, toOrderView } from '../../domain/order/order-projection';
import type { Decimal } from '../../domain/money/decimal';
import type { OrderEvent } from '../../domain/order/order-events';
import type { Fill, OrderState } from '../../domain/order/order-types';
import type { FillView, OrderView } from '../../domain/order/order-view';
import type { FillRecord } from '../../storage/collections';

/** Everything that the views must say about one order, from its history alone. */
export interface ExpectedOrder {
  view: OrderView;
  events: OrderEvent[];
  fills: FillRecord[];
  postings: Posting[];
}

/** Folds a whole, gapless log. Throws when it has a gap. */
export function expectedOrder(events: OrderEvent[]): ExpectedOrder {
  const changedAt = new Map<string, number>();
  const postings: Posting[] = [];
  let state: OrderState | undefined;
  for (const event of events) {
    const next = evolve(state, event);
    for (const fill of changedFills(state, next)) {
      changedAt.set(fill.fillId, event.seq);
      const before = state?.fills.find(({ fillId }) => fillId === fill.fillId);
      postings.push(...postingsOf(next, before, fill, event));
    }
    state = next;
  }
  if (state === undefined) throw new Error('an order begins with at least one event');
  const ended = state;
  const fills = toFillViews(ended).map((fill) => toRecord(ended, fill, changedAt.get(fill.fillId) ?? 0));
  return { view: toOrderView(ended), events, fills, postings };
}

function termsOf({ terms }: OrderState): { currency: string; multiplier: Decimal } {
  return { currency: terms?.currency ?? '', multiplier: terms?.multiplier ?? ('1' as Decimal) };
}

function toRecord(state: OrderState, fill: FillView, version: number): FillRecord {
  const own = state.fills.find(({ fillId }) => fillId === fill.fillId);
  const changed = own !== undefined && own.lastExecId !== own.execId && { lastExecId: own.lastExecId };
  return { ...fill, _id: fill.fillId, version, ...termsOf(state), ...changed };
}

/** What one event books for one fill: its trade, what a bust or a correction changes, or its settlement. */
function postingsOf(state: OrderState, before: Fill | undefined, after: Fill, event: OrderEvent): Posting[] {
  const { currency, multiplier } = termsOf(state);
  const booked = (fill: Fill) => {
    const view = toFillViews({ ...state, fills: [fill] })[0];
    if (view === undefined) throw new Error('a fill has a view');
    return view;
  };
  if (before === undefined) {
    return after.status === 'busted' ? [] : tradePostings(booked(after), currency, multiplier);
  }
  const postings: Posting[] = [];
  if (isOtherTrade(before, after)) {
    const restated = after.status === 'busted' ? {} : { after: booked(after) };
    const at = event.type === 'reportApplied' ? event.report.transactTime : event.at;
    const change = {
      before: booked(before),
      ...restated,
      execId: after.lastExecId,
      settled: before.settled && after.settledAs === undefined,
      at,
    };
    postings.push(...reversalPostings(change, currency, multiplier));
  }
  if (after.settled && !before.settled) {
    const due = { ...booked(before), lastExecId: before.lastExecId };
    postings.push(...settlementPostings(due, currency, multiplier, event.at));
  }
  return postings;
}

function isOtherTrade(before: Fill, after: Fill): boolean {
  if (before.status === 'busted' || after.status === 'busted') return before.status !== after.status;
  return before.quantity !== after.quantity || before.price !== after.price || before.fee !== after.fee;
}
