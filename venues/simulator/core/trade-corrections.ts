import { add, compare, multiply, subtract, ZERO, type Quantity } from '../../../domain/money/decimal';
import type { WireTradeBust, WireTradeCorrection } from '../protocol';
import type { BookedOrder } from './book-types';
import { QUANTITY_MAX } from './entry-rules';
import type { Execution } from './executions';
import type { ReportWriter } from './report-writer';
import type { VenueRules } from './venue-engine';
import type { VenueState } from './venue-state';

/** Why the venue does not bust or correct: nothing changed. */
export interface TradeRefusal {
  status: 400 | 404 | 409;
  code: 'UNKNOWN_EXECUTION' | 'NOT_LAST_OF_CHAIN' | 'ALREADY_BUSTED' | 'MALFORMED_REQUEST';
  message: string;
}

export interface TradeDesk {
  state: VenueState;
  writer: ReportWriter;
  rules: VenueRules;
  /** Lets an order trade with what is there. */
  take(order: BookedOrder): void;
}

/** The execution that `execId` names, as long as it is the last id of its chain and was not busted. */
export function findExecution(state: VenueState, execId: string): Execution | TradeRefusal {
  const execution = state.executions.find(execId);
  if (execution === undefined)
    return { status: 404, code: 'UNKNOWN_EXECUTION', message: `unknown execution: execId=${execId}` };
  if (execution.busted)
    return { status: 409, code: 'ALREADY_BUSTED', message: `busted before: execId=${execution.lastExecId}` };
  if (execution.lastExecId !== execId) {
    const message = `it was changed since; name the last id of its chain: execId=${execution.lastExecId}`;
    return { status: 409, code: 'NOT_LAST_OF_CHAIN', message };
  }
  return execution;
}

/** Takes an execution back. Call inside `writer.collect`. */
export function bustTrade(desk: TradeDesk, execution: Execution, { text, reinstate }: WireTradeBust): void {
  const { order, lastExecId } = execution;
  const cumQty = subtract(order.cumQty, execution.quantity);
  const leavesQty = leavesAfter(order, cumQty, reinstate === true);
  const said = text === undefined ? {} : { text };
  const body = { execRefId: lastExecId, lastQty: ZERO, cumQty, leavesQty, ...said };
  desk.writer.report(order, 'bust', body);
  goOn(desk, order);
}

/** Restates an execution as a whole. Call inside `writer.collect`. */
export function correctTrade(desk: TradeDesk, execution: Execution, wanted: WireTradeCorrection): void {
  const { order, lastExecId } = execution;
  const { lastQty, lastPx, text, reinstate } = wanted;
  const fee = wanted.fee ?? multiply(lastQty, desk.rules.feePerShare);
  const cumQty = add(subtract(order.cumQty, execution.quantity), lastQty);
  const leavesQty = leavesAfter(order, cumQty, reinstate === true);
  const said = text === undefined ? {} : { text };
  const body = { execRefId: lastExecId, lastQty, lastPx, fee, cumQty, leavesQty, ...said };
  desk.writer.report(order, 'correct', body);
  goOn(desk, order);
}

/** Why an execution cannot become this; undefined when it can. */
export function refuseCorrection(
  { order, quantity }: Execution,
  { lastQty }: WireTradeCorrection,
): TradeRefusal | undefined {
  const cumQty = add(subtract(order.cumQty, quantity), lastQty);
  if (compare(lastQty, ZERO) <= 0 || compare(lastQty, QUANTITY_MAX) > 0)
    return { status: 400, code: 'MALFORMED_REQUEST', message: `lastQty must be above 0: lastQty=${lastQty}` };
  if (compare(cumQty, order.quantity) <= 0) return undefined;
  const message = `the order would be filled beyond its quantity: cumQty=${cumQty} quantity=${order.quantity}`;
  return { status: 400, code: 'MALFORMED_REQUEST', message };
}

/** A live order gets back what it lost; one that was filled only when the venue reinstates it; others never. */
function leavesAfter(order: BookedOrder, cumQty: Quantity, reinstate: boolean): Quantity {
  const isBack = order.open || (order.status === 'filled' && reinstate);
  return isBack ? subtract(order.quantity, cumQty) : ZERO;
}

/** An order that was filled and is not reinstated ends with what is left of it; one that lives trades on. */
function goOn(desk: TradeDesk, order: BookedOrder): void {
  if (order.open) return desk.take(order);
  const isShort = compare(order.cumQty, order.quantity) < 0;
  if (order.status === 'filled' && isShort)
    desk.writer.report(order, 'cancelled', { text: 'what the bust gave back is not reinstated' });
}
