import { ActivityFailure, ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { entry } from '../activity-proxies';
import { cumQtyOf } from '../../domain/order/order-quantities';
import { ZERO } from '../../domain/money/decimal';
import { ERROR_CODES } from '../../domain/errors/error-codes';
import type { ReserveInput } from '../../activities/risk/risk.port';
import type { Money, Price, Quantity } from '../../domain/money/decimal';
import type { Reason } from '../../domain/order/order-types';
import type { ExposureKeeper } from '../risk/exposure-keeper';
import type { OrderLife } from './order-life';

/** Terms that a reservation has to cover, apart from who and what. */
export interface ReserveTerms {
  riskVersion: number;
  quantity: Quantity;
  limitPrice?: Price;
}

/** The request to risk for these terms, with what fills have moved already. */
export function reserveInputOf(
  life: OrderLife,
  terms: ReserveTerms,
  moved: { cash: Money; position: Quantity },
): ReserveInput {
  const { state } = life;
  if (state.terms === undefined) throw new Error('an order is validated before risk sees it');
  return {
    orderId: state.orderId,
    riskVersion: terms.riskVersion,
    sequence: state.sequence,
    account: state.request.account,
    symbol: state.request.symbol,
    venue: state.terms.venue,
    currency: state.terms.currency,
    side: state.request.side,
    type: state.request.type,
    quantity: terms.quantity,
    cumQty: cumQtyOf(state),
    multiplier: state.terms.multiplier,
    cashDelta: moved.cash,
    positionDelta: moved.position,
    enteredBy: state.enteredBy,
    at: life.at(),
    ...(terms.limitPrice !== undefined && { limitPrice: terms.limitPrice }),
  };
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
    if (!(fault instanceof ActivityFailure)) throw fault;
    onDoubt();
    return { outcome: 'denied', reasons: [UNAVAILABLE] };
  }
}

/** Validation, then risk; leaves the caller's answer in `life.answer`, or `life.duplicate` when the id was used. */
export async function enterOrder(life: OrderLife, keeper: ExposureKeeper): Promise<void> {
  const denied = await decideEntry(life, keeper);
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

async function decideEntry(life: OrderLife, keeper: ExposureKeeper): Promise<Denial | undefined> {
  const { input } = life;
  const validation = await orDenied(() =>
    entry.validateOrder({
      orderId: input.orderId,
      workflowId: life.state.workflowId,
      firstRunId: workflowInfo().firstExecutionRunId,
      request: input.request,
      requestHash: input.requestHash,
      enteredBy: input.enteredBy,
      at: life.at(),
    }),
  );
  if (validation.outcome === 'duplicate') {
    life.duplicate = { sameContent: validation.sameContent };
    return undefined;
  }
  if (validation.outcome === 'denied') return { rejectedBy: 'validation', reasons: validation.reasons };
  life.apply({ type: 'recordValidated', terms: validation.terms });

  const { quantity, limitPrice } = input.request;
  const terms: ReserveTerms = { riskVersion: 1, quantity, ...(limitPrice !== undefined && { limitPrice }) };
  const reserve = reserveInputOf(life, terms, { cash: ZERO, position: ZERO });
  const risk = await orDenied(
    () => entry.reserveExposure(reserve),
    () => keeper.doubtReservation(),
  );
  if (risk.outcome === 'denied') return { rejectedBy: 'risk', reasons: risk.reasons };
  life.apply({ type: 'recordReserved', riskVersion: 1, limitVersion: risk.limitVersion });
  keeper.onReserved(life.state.clOrdId, risk.unitReserve);
  return undefined;
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
