import { ERROR_CODES, type ErrorCode } from '../../domain/errors/error-codes';
import { checkRisk, NO_EXPOSURE, type RiskCheckResult } from '../../domain/risk/check-risk';
import { feeScheduleOf } from '../../domain/risk/fee-schedule';
import { ZERO } from '../../domain/money/decimal';
import { trailedStop } from '../../domain/order/trigger';
import { FLAT } from '../../domain/risk/account-book';
import type { ApplyExposureInput, ReserveInput, ReserveResult } from './risk.port';
import type { AccountDraft } from './account-draft';
import type { Controls } from './risk-controls';
import type { ExposureContribution } from '../../domain/risk/exposure';
import type { RiskOrder, AccountExposure } from '../../domain/risk/risk-decision';
import type { RiskQuote } from '../../domain/risk/reference-price';
import type { ExposureDecision, ExposureRecord } from '../../storage/collections';

/** What surrounds a decision. */
export interface DecisionContext {
  controls: Controls;
  quoteOf(symbol: string): RiskQuote | undefined;
  /** The moment of the decision, ISO 8601 UTC. */
  at: string;
}

const NOBODY: AccountExposure = { cash: ZERO, reserved: ZERO, position: FLAT };

/**
 * Decides one request on the draft. A repeat is answered as the first time; a request that the order has left behind
 * (a late attempt of an activity that was given up) is denied and changes nothing.
 */
export function decideReserve(
  draft: AccountDraft,
  input: ReserveInput,
  context: DecisionContext,
): ReserveResult {
  const before = draft.exposure(input.orderId);
  const last = before?.decision;
  const limitVersion = context.controls.limits?.version ?? 0;
  if (last?.riskVersion === input.riskVersion && last.sequence === input.sequence) return answerOf(last);
  if (isLeftBehind(before, input)) return denial(limitVersion, 'RISK_REQUEST_SUPERSEDED', input.orderId);

  const held = before?.contribution ?? NO_EXPOSURE;
  const quote = context.quoteOf(input.symbol);
  const order = orderOf(input, quote);
  const { group } = input;
  const grouped = group === undefined ? undefined : { group, orderId: input.orderId };
  const account = draft.account === undefined ? NOBODY : draft.view(draft.account, input.symbol, grouped);
  const fees = feeScheduleOf(input.venue);
  const result = check();
  const reserved = result.outcome === 'reserved';
  const decision: ExposureDecision = {
    riskVersion: input.riskVersion,
    sequence: input.sequence,
    outcome: result.outcome,
    limitVersion,
    unitReserve: reserved ? result.unitReserve : ZERO,
    reasons: reserved ? [] : result.reasons,
  };
  const { orderId, symbol, sequence, enteredBy } = input;
  const contribution = reserved ? result.contribution : held;
  const change = { orderId, account: input.account, symbol, sequence, contribution, decision };
  draft.set(group === undefined ? change : { ...change, group });
  const inputs = { order, account, held, quote: quote ?? null, feeVersion: fees?.version ?? null };
  draft.record({ orderId, ...decision, enteredBy, at: context.at, ...inputs });
  return answerOf(decision);

  function check(): RiskCheckResult {
    const { limits, halts } = context.controls;
    if (draft.account === undefined) return denial(limitVersion, 'UNKNOWN_ACCOUNT', input.account);
    if (limits === undefined) return denial(limitVersion, 'RISK_LIMITS_MISSING', input.account);
    return checkRisk({ order, limits, account, held, quote, halts, fees, at: context.at });
  }
}

/** Sets what the order's fills and state say; returns false when something newer is there already. */
export function decideApply(draft: AccountDraft, input: ApplyExposureInput): boolean {
  const before = draft.exposure(input.orderId);
  if (before !== undefined && before.sequence >= input.sequence) return false;
  if (draft.account === undefined && !isNothing(input.contribution)) {
    throw new Error(`account ${input.account} of order ${input.orderId} does not exist`);
  }
  draft.set(input);
  return true;
}

function isLeftBehind(before: ExposureRecord | undefined, input: ReserveInput): boolean {
  if (before === undefined) return false;
  return before.sequence > input.sequence || (before.decision?.riskVersion ?? 0) > input.riskVersion;
}

function orderOf(input: ReserveInput, quote: RiskQuote | undefined): RiskOrder {
  const { account, symbol, venue, side, type, quantity, cumQty, limitPrice, multiplier } = input;
  const stopPrice = stopOf(input, quote);
  return {
    account,
    symbol,
    venue,
    side,
    type,
    quantity,
    cumQty,
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
    multiplier: multiplier as RiskOrder['multiplier'],
    cashDelta: input.cashDelta,
    positionDelta: input.positionDelta,
  };
}

function answerOf(decision: ExposureDecision): ReserveResult {
  const { outcome, limitVersion, unitReserve, reasons } = decision;
  return outcome === 'reserved' ? { outcome, limitVersion, unitReserve } : { outcome, limitVersion, reasons };
}

/** A trail that begins at the market begins at its far touch; from there it moves only in favour of the client. */
function stopOf(
  { side, stopPrice, trail }: ReserveInput,
  quote: RiskQuote | undefined,
): RiskOrder['stopPrice'] {
  const touch = side === 'buy' ? quote?.ask : quote?.bid;
  if (stopPrice !== undefined || trail === undefined || touch === undefined) return stopPrice;
  return trailedStop(trail, side, undefined, touch);
}

function denial(
  limitVersion: number,
  code: ErrorCode,
  value: string,
): Extract<ReserveResult, { outcome: 'denied' }> {
  return { outcome: 'denied', limitVersion, reasons: [{ code, message: ERROR_CODES[code], value }] };
}

/** True of an exposure that reserves what its order was admitted with, and to which nothing has happened since. */
export function isJustAdmitted({ sequence, contribution, decision }: ExposureRecord): boolean {
  return decision?.riskVersion === 1 && decision.sequence === sequence && !isNothing(contribution);
}

function isNothing(contribution: ExposureContribution): boolean {
  return Object.values(contribution).every((value) => value === ZERO);
}
