import { TemporalFailure } from '@temporalio/workflow';
import { amendment, entry } from '../activity-proxies';
import { ZERO } from '../../domain/money/decimal';
import { ERROR_CODES } from '../../domain/errors/error-codes';
import { isUnreserved } from '../../domain/order/order-exposure';
import { reserveInputOf } from './entry';
import type { Quantity } from '../../domain/money/decimal';
import type { Reason } from '../../domain/order/order-types';
import type { ExposureKeeper } from '../risk/exposure-keeper';
import type { OrderLife, Reply } from './order-life';

export interface ReleaseRequest {
  requestId: string;
  by: string;
  reason?: string;
  /** The total quantity to go with; that of the order when left out. */
  quantity?: Quantity;
}

type Checked =
  | { outcome: 'cleared'; unitReserve?: string }
  /** Risk decided, and the order ends. */
  | { outcome: 'denied'; reasons: Reason[] }
  /** The quantity does not fit the rules, or nobody could decide: it waits on. */
  | { outcome: 'refused'; reasons: Reason[] };

/**
 * Lets an order go that was held for another one. Risk decides now, because only now there is what it needs: a denial
 * ends the order. When risk cannot be asked the order stays held, and may be released later.
 */
export async function releaseOrder(
  life: OrderLife,
  keeper: ExposureKeeper,
  request: ReleaseRequest,
  reply?: Reply,
): Promise<void> {
  const refusal = life.wouldRefuse({ type: 'release', by: request.by });
  if (refusal !== undefined) {
    if (reply !== undefined) reply.answer = { failure: refusal };
    return;
  }
  const checked = await check(life, keeper, request.quantity ?? life.state.quantity);
  conclude(life, keeper, request, checked);
  if (reply === undefined) return;
  const reasons = checked.outcome === 'cleared' ? [] : checked.reasons;
  const outcome = checked.outcome === 'cleared' ? 'accepted' : 'denied';
  reply.answer = { result: { outcome, order: life.view(), reasons } };
}

function conclude(
  life: OrderLife,
  keeper: ExposureKeeper,
  { requestId, by, reason, quantity }: ReleaseRequest,
  checked: Checked,
): void {
  if (checked.outcome === 'denied') {
    life.apply({ type: 'recordDenied', rejectedBy: 'risk', reasons: checked.reasons });
    return;
  }
  if (checked.outcome === 'refused') {
    life.apply({ type: 'denyRequest', requestId, by, kind: 'replace', reasons: checked.reasons });
    return;
  }
  if (quantity !== undefined && quantity !== life.state.quantity)
    life.apply({ type: 'requestReplace', requestId, by, quantity });
  life.apply({ type: 'release', by, ...(reason !== undefined && { reason }) });
  if (checked.unitReserve !== undefined) keeper.onReserved(life.state.clOrdId, checked.unitReserve);
}

async function check(life: OrderLife, keeper: ExposureKeeper, quantity: Quantity): Promise<Checked> {
  const { state } = life;
  if (state.terms === undefined) throw new Error('an order that is held has terms');
  const { request, terms, limitPrice, stopPrice } = state;
  try {
    if (quantity !== state.quantity) {
      const { reasons } = await amendment.validateAmendment({ request, terms, quantity });
      if (reasons.length > 0) return { outcome: 'refused', reasons };
    }
    if (!isUnreserved(state)) return { outcome: 'cleared' };
    const prices = {
      ...(limitPrice !== undefined && { limitPrice }),
      ...(stopPrice !== undefined && { stopPrice }),
    };
    const nothing = { cash: ZERO, position: ZERO };
    const risk = await entry.reserveExposure(
      reserveInputOf(life, { riskVersion: 1, quantity, ...prices }, nothing),
    );
    if (risk.outcome === 'denied') return { outcome: 'denied', reasons: risk.reasons };
    life.apply({ type: 'recordReserved', riskVersion: 1, limitVersion: risk.limitVersion });
    return { outcome: 'cleared', unitReserve: risk.unitReserve };
  } catch (fault) {
    if (!(fault instanceof TemporalFailure)) throw fault;
    keeper.doubtReservation();
    return {
      outcome: 'refused',
      reasons: [{ code: 'SERVICE_UNAVAILABLE', message: ERROR_CODES.SERVICE_UNAVAILABLE }],
    };
  }
}
