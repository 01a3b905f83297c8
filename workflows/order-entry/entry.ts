import { ApplicationFailure, TemporalFailure, workflowInfo } from '@temporalio/workflow';
import { entry } from '../activity-proxies';
import { cumQtyOf } from '../../domain/order/order-quantities';
import { ZERO } from '../../domain/money/decimal';
import { ERROR_CODES } from '../../domain/errors/error-codes';
import type { ValidateOrderInput } from '../../activities/order-entry/order-entry.port';
import type { AdmitOrderInput } from '../../activities/order-steps.port';
import type { ReserveInput, ReserveResult } from '../../activities/risk/risk.port';
import type { Money, Price, Quantity } from '../../domain/money/decimal';
import type { Reason } from '../../domain/order/order-types';
import type { ExposureKeeper } from '../risk/exposure-keeper';
import type { OrderLife } from './order-life';

/** Terms that a reservation has to cover, apart from who and what. */
export interface ReserveTerms {
  riskVersion: number;
  quantity: Quantity;
  limitPrice?: Price;
  stopPrice?: Price;
}

type Moved = { cash: Money; position: Quantity };
type ReserveDraft = AdmitOrderInput['reserve'];
const NOTHING_MOVED: Moved = { cash: ZERO, position: ZERO };

/** The request to risk for these terms, with what fills have moved already, but for the instrument's part. */
function reserveDraftOf(life: OrderLife, terms: ReserveTerms, moved: Moved): ReserveDraft {
  const { state } = life;
  return {
    orderId: state.orderId,
    riskVersion: terms.riskVersion,
    sequence: state.sequence,
    account: state.request.account,
    symbol: state.request.symbol,
    side: state.request.side,
    type: state.request.type,
    quantity: terms.quantity,
    cumQty: cumQtyOf(state),
    cashDelta: moved.cash,
    positionDelta: moved.position,
    enteredBy: state.enteredBy,
    at: life.at(),
    ...(life.input.list?.group !== undefined && { group: life.input.list.group }),
    ...(terms.limitPrice !== undefined && { limitPrice: terms.limitPrice }),
    ...(terms.stopPrice !== undefined && { stopPrice: terms.stopPrice }),
  };
}

/** The whole request to risk. Throws for an order that was not validated. */
export function reserveInputOf(life: OrderLife, terms: ReserveTerms, moved: Moved): ReserveInput {
  if (life.state.terms === undefined) throw new Error('an order is validated before risk sees it');
  const { venue, currency, multiplier, tickSize } = life.state.terms;
  const { trailingOffset: offset, trailingOffsetType: offsetType = 'price' } = life.state.request;
  const trail = offset === undefined ? {} : { trail: { offset, offsetType, tickSize } };
  return { ...reserveDraftOf(life, terms, moved), venue, currency, multiplier, ...trail };
}

const UNAVAILABLE: Reason = { code: 'SERVICE_UNAVAILABLE', message: ERROR_CODES.SERVICE_UNAVAILABLE };

/**
 * Runs `step`; when it could not decide in its time, the answer is a denial: risk and validation fail closed, and an
 * order that nobody answered must not trade later.
 */
async function orDenied<T>(
  step: () => Promise<T>,
  onDoubt: () => void = () => undefined,
): Promise<T | { outcome: 'denied'; reasons: Reason[] }> {
  try {
    return await step();
  } catch (fault) {
    if (!(fault instanceof TemporalFailure)) throw fault;
    onDoubt();
    return { outcome: 'denied', reasons: [UNAVAILABLE] };
  }
}

/** Validation, then risk; leaves the caller's answer in `life.answer`, or `life.duplicate` when the id was used. */
export async function enterOrder(life: OrderLife, keeper: ExposureKeeper): Promise<void> {
  const single = life.input.list?.held === true ? decideHeld : decideSingly;
  const decide = life.input.steps === 'joint' && life.input.list?.held !== true ? decideJointly : single;
  const denied = await decide(life, keeper);
  if (life.duplicate !== undefined) return;
  if (denied !== undefined) life.apply({ type: 'recordDenied', ...denied });
  const outcome = denied === undefined ? 'accepted' : 'denied';
  const build = workflowInfo().currentDeploymentVersion?.buildId;
  life.answer = {
    createdBy: life.createdBy,
    outcome,
    order: life.view(),
    ...(build !== undefined && { build }),
  };
}

type Denial = { rejectedBy: 'validation' | 'risk'; reasons: Reason[] };

function validateInputOf(life: OrderLife): ValidateOrderInput {
  const { input } = life;
  return {
    orderId: input.orderId,
    workflowId: life.state.workflowId,
    firstRunId: workflowInfo().firstExecutionRunId,
    request: input.request,
    requestHash: input.requestHash,
    enteredBy: input.enteredBy,
    at: life.at(),
  };
}

function entryTerms({ input }: OrderLife): ReserveTerms {
  const { quantity, limitPrice, stopPrice } = input.request;
  return {
    riskVersion: 1,
    quantity,
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
  };
}

/** Validation and risk as one step. A reservation whose answer was lost is in doubt, as for the single step. */
async function decideJointly(life: OrderLife, keeper: ExposureKeeper): Promise<Denial | undefined> {
  const reserve = reserveDraftOf(life, entryTerms(life), NOTHING_MOVED);
  const answer = await orDenied(
    () => entry.admitOrder({ validate: validateInputOf(life), reserve }),
    () => keeper.doubtReservation(),
  );
  if (answer.outcome === 'duplicate') {
    life.duplicate = { sameContent: answer.sameContent };
    return undefined;
  }
  if (answer.outcome === 'denied') return { rejectedBy: 'validation', reasons: answer.reasons };
  life.apply({ type: 'recordValidated', terms: answer.terms });
  return takeDecision(life, keeper, answer.risk);
}

async function validate(life: OrderLife): Promise<Denial | undefined> {
  const validation = await orDenied(() => entry.validateOrder(validateInputOf(life)));
  if (validation.outcome === 'duplicate') {
    life.duplicate = { sameContent: validation.sameContent };
    return undefined;
  }
  if (validation.outcome === 'denied') return { rejectedBy: 'validation', reasons: validation.reasons };
  life.apply({ type: 'recordValidated', terms: validation.terms });
  return undefined;
}

/** Validation and risk as two steps, as orders do that began before there were joint ones. */
async function decideSingly(life: OrderLife, keeper: ExposureKeeper): Promise<Denial | undefined> {
  const denied = await validate(life);
  if (denied !== undefined || life.duplicate !== undefined) return denied;
  const reserve = reserveInputOf(life, entryTerms(life), NOTHING_MOVED);
  const risk = await orDenied(
    () => entry.reserveExposure(reserve),
    () => keeper.doubtReservation(),
  );
  return takeDecision(life, keeper, risk);
}

/** Validation alone: the order is kept here for another one, and risk decides when it is released. */
async function decideHeld(life: OrderLife): Promise<Denial | undefined> {
  const denied = await validate(life);
  if (denied === undefined && life.duplicate === undefined) life.apply({ type: 'hold', until: 'release' });
  return denied;
}

type RiskAnswer = ReserveResult | { outcome: 'denied'; reasons: Reason[] };

function takeDecision(life: OrderLife, keeper: ExposureKeeper, risk: RiskAnswer): Denial | undefined {
  if (risk.outcome === 'denied') return { rejectedBy: 'risk', reasons: risk.reasons };
  life.apply({ type: 'recordReserved', riskVersion: 1, limitVersion: risk.limitVersion });
  keeper.onReserved(life.state.clOrdId, risk.unitReserve);
  holdHere(life);
  return undefined;
}

/** Before anything can be sent: an order whose trigger is ours waits for the market from its first moment on. */
function holdHere(life: OrderLife): void {
  if (life.state.terms?.hold === 'trigger') life.apply({ type: 'hold', until: 'trigger' });
}

/** Thrown to the caller when (account, clientOrderId) belongs to another run, which holds the real answer. */
export function duplicateFailure(sameContent: boolean): ApplicationFailure {
  const code = sameContent ? 'DUPLICATE_REQUEST' : 'CLIENT_ORDER_ID_CONFLICT';
  return ApplicationFailure.create({
    message: ERROR_CODES[code],
    type: code,
    nonRetryable: true,
    category: 'BENIGN',
  });
}
