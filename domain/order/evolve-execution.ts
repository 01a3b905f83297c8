import { add, compare, ZERO } from '../money/decimal';
import type { ExecutionReport } from './execution-report';
import { adjustLike, appendFill, cumQtyBeforeDay, findFill, replaceFill } from './fill-ledger';
import { cumQtyOf } from './order-quantities';
import type { Fill, OrderState, SettledTerms } from './order-types';

const DATE_LENGTH = 10;
const GOOD_TILL: readonly string[] = ['gtc', 'gtd'];

/** Orders that live over several trading days. */
export function isGoodTill(state: OrderState): boolean {
  return GOOD_TILL.includes(state.request.timeInForce);
}

/** Books a fill, and after it the corrections of it that came first. */
export function applyFill(state: OrderState, report: ExecutionReport): OrderState {
  const { day, dayNumber, isNewDay } = dayOfFill(state, report);
  const booked: OrderState = {
    ...state,
    day,
    doneForDay: state.doneForDay && !isNewDay,
    acknowledged: true,
    fills: appendFill(state.fills, newFill(report, dayNumber)),
  };
  return applyHeldCorrections(useUpGuarantee(booked));
}

function newFill(report: ExecutionReport, dayNumber: number): Fill {
  const execId = report.execId ?? '';
  // The gateway stamps dates from the calendar of the listing; without them a fill is due on its own day.
  const tradeDate = report.tradeDate ?? report.transactTime.slice(0, DATE_LENGTH);
  return {
    fillId: `${report.venue}-${execId}`,
    execId,
    lastExecId: execId,
    quantity: report.lastQty ?? ZERO,
    price: report.lastPx ?? ZERO,
    fee: report.fee ?? ZERO,
    status: 'live',
    executedAt: report.transactTime,
    tradeDate,
    settlementDate: report.settlementDate ?? tradeDate,
    settleAt: report.settleAt ?? report.transactTime,
    settled: false,
    ...(dayNumber > 1 && { dayNumber }),
    ...(report.marketTime !== undefined && { marketTime: report.marketTime }),
  };
}

/**
 * The trading day of the order that a fill belongs to. Restatements start days, but they are optional messages: a
 * later trade date starts a day of a good-till order too, and an earlier one is a fill that comes late.
 */
function dayOfFill(state: OrderState, report: ExecutionReport) {
  const { day } = state;
  const number = day.number ?? 1;
  const { tradeDate } = report;
  if (!isGoodTill(state) || tradeDate === undefined) return { day, dayNumber: number, isNewDay: false };
  if (day.tradeDate === undefined || tradeDate === day.tradeDate) {
    return { day: { ...day, tradeDate }, dayNumber: number, isNewDay: false };
  }
  if (tradeDate > day.tradeDate) {
    const today = { baseCumQty: cumQtyOf(state), tradeDate, number: number + 1 };
    return { day: today, dayNumber: today.number, isNewDay: true };
  }
  if (number === 1) return { day, dayNumber: 1, isNewDay: false };
  const baseCumQty = add(day.baseCumQty, report.lastQty ?? ZERO);
  return { day: { ...day, baseCumQty }, dayNumber: number - 1, isNewDay: false };
}

/** A state with a changed ledger; the quantity of earlier trading days follows from it. */
export function withLedger(state: OrderState, fills: Fill[]): OrderState {
  const number = state.day.number ?? 1;
  const baseCumQty = number === 1 ? ZERO : cumQtyBeforeDay(fills, number);
  return { ...state, fills, day: { ...state.day, baseCumQty } };
}

/** A guarantee of execution (stopped) is used up by the executions that fulfil it. */
function useUpGuarantee(state: OrderState): OrderState {
  if (!state.stopped || compare(cumQtyOf(state), state.stoppedUntilCumQty ?? state.quantity) < 0)
    return state;
  const { stoppedUntilCumQty: _usedUp, ...rest } = state;
  return { ...rest, stopped: false };
}

/** Notes a guarantee: for `lastQty` more, or for the whole order when the venue names no quantity. */
export function applyStopped(state: OrderState, report: ExecutionReport): OrderState {
  const { stoppedUntilCumQty: _earlier, ...rest } = state;
  const until =
    report.lastQty === undefined ? {} : { stoppedUntilCumQty: add(cumQtyOf(state), report.lastQty) };
  return { ...rest, ...until, stopped: true, acknowledged: true };
}

/** A bust or correction: changes the fill that it names, or waits for it. */
export function applyCorrection(state: OrderState, report: ExecutionReport): OrderState {
  const acknowledged = { ...state, acknowledged: true };
  const fill = findFill(state.fills, report.execRefId);
  if (fill === undefined) {
    return { ...acknowledged, heldCorrections: [...(state.heldCorrections ?? []), report] };
  }
  const changed = report.kind === 'bust' ? bustedFill(fill, report) : correctedFill(fill, report);
  return applyHeldCorrections(withLedger(acknowledged, replaceFill(state.fills, changed)));
}

/** Last* of a bust is ignored: some venues send zero there, others what was busted. */
function bustedFill(fill: Fill, report: ExecutionReport): Fill {
  return { ...fill, lastExecId: report.execId ?? fill.lastExecId, status: 'busted', ...apart(fill, report) };
}

const NOTHING_SETTLED: SettledTerms = { quantity: ZERO, price: ZERO, fee: ZERO };

/**
 * A correction after settlement settles on a date of its own, when the report names one; until then what has settled
 * stands apart from what the fill is now. Without a date it counts as settled at once.
 */
function apart(fill: Fill, { settlementDate, settleAt }: ExecutionReport): Partial<Fill> {
  const hasSettled = fill.settled || fill.settledAs !== undefined;
  if (!hasSettled || settlementDate === undefined || settleAt === undefined) return {};
  const { quantity, price, fee } = fill;
  const now = fill.status === 'busted' ? NOTHING_SETTLED : { quantity, price, fee };
  return { settled: false, settledAs: fill.settledAs ?? now, settlementDate, settleAt };
}

/** A correction restates the whole fill; dates and fee stay unless it names them. */
function correctedFill(fill: Fill, report: ExecutionReport): Fill {
  const quantity = report.lastQty ?? fill.quantity;
  const adjustedQuantity = adjustLike(fill, quantity);
  return {
    ...fill,
    lastExecId: report.execId ?? fill.lastExecId,
    quantity,
    price: report.lastPx ?? fill.price,
    fee: report.fee ?? fill.fee,
    status: 'corrected',
    ...(adjustedQuantity !== undefined && { adjustedQuantity }),
    ...(report.settlementDate !== undefined && { settlementDate: report.settlementDate }),
    ...(report.settleAt !== undefined && { settleAt: report.settleAt }),
    ...apart(fill, report),
  };
}

/** Applies the corrections that were waiting for an execution that is now here, along their reference chain. */
function applyHeldCorrections(state: OrderState): OrderState {
  const held = state.heldCorrections ?? [];
  const next = held.find((report) => state.fills.some((fill) => fill.lastExecId === report.execRefId));
  if (next === undefined) return state;
  const { heldCorrections: _held, ...rest } = state;
  const waiting = held.filter((report) => report !== next);
  return applyCorrection(waiting.length === 0 ? rest : { ...rest, heldCorrections: waiting }, next);
}
