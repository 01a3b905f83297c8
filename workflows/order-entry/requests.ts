import { patched, TemporalFailure } from '@temporalio/workflow';
import { amendment } from '../activity-proxies';
import { exposureOf, isUnreserved } from '../../domain/order/order-exposure';
import { parseDecimal, ZERO } from '../../domain/money/decimal';
import { ERROR_CODES } from '../../domain/errors/error-codes';
import { reserveInputOf } from './entry';
import type { OrderCommand, Refusal } from '../../domain/order/order-commands';
import type { ValidateAmendmentInput } from '../../activities/order-entry/order-entry.port';
import type { OrderState, Reason } from '../../domain/order/order-types';
import type { VenueDesk } from '../execution/venue-desk';
import type { ExposureKeeper } from '../risk/exposure-keeper';
import type { AmendRequest, CancelRequest, ResolveRequest } from './order-messages';
import type { Applied, InboxItem, OrderLife, Reply } from './order-life';

/** The domain command of a cancel request; used by the validator and by the main loop alike. */
export function cancelCommand(request: CancelRequest): OrderCommand {
  const { requestId, by, reason } = request;
  return { type: 'requestCancel', requestId, by, ...(reason !== undefined && { reason }) };
}

/**
 * The domain command of an amendment, or the field that is not a decimal. A JSON number is refused: it was rounded
 * before anybody could look at it. Only orders that took one before keep to what they took.
 */
export function amendCommand(
  request: AmendRequest,
  takesNumbers = false,
): OrderCommand | { malformed: string } {
  const command: Extract<OrderCommand, { type: 'requestReplace' }> = {
    type: 'requestReplace',
    requestId: request.requestId,
    by: request.by,
  };
  for (const field of ['quantity', 'limitPrice', 'stopPrice'] as const) {
    const text = request[field];
    if (text === undefined || text === null) continue;
    const value = parseDecimal(takesNumbers ? String(text) : text);
    if (value === undefined) return { malformed: field };
    command[field] = value;
  }
  return command;
}

/** Marker of histories in which an amendment that was not made of decimal texts was refused on record. */
const TEXTS_ONLY = 'amend-in-texts-only';

export function malformedRefusal(field: string): Refusal {
  return { code: 'MALFORMED_REQUEST', message: `${field} is not a plain decimal`, duplicate: false };
}

function settle(life: OrderLife, reply: Reply | undefined, applied: Applied): void {
  if (reply === undefined) return;
  reply.answer = applied.ok
    ? { result: { outcome: 'accepted', order: life.view(), reasons: [] } }
    : { failure: applied.refusal };
}

/** A true repeat of a request that was taken is answered as the first time. */
function orRepeat(applied: Applied): Applied {
  return !applied.ok && applied.refusal.duplicate ? { ok: true } : applied;
}

/** Cancels here when nothing left the house, else asks the venue. */
export function takeCancel(
  life: OrderLife,
  desk: VenueDesk,
  request: CancelRequest,
  nowMs: number,
  reply?: Reply,
): void {
  const refusal = life.wouldRefuse(cancelCommand(request));
  if (refusal === undefined && desk.isUnsent()) {
    const { by, reason } = request;
    const ended = life.apply({
      type: 'endLocally',
      how: 'cancelled',
      by,
      ...(reason !== undefined && { reason }),
    });
    return settle(life, reply, ended);
  }
  const applied = life.apply(cancelCommand(request));
  if (applied.ok) desk.abandonRoute(nowMs);
  settle(life, reply, orRepeat(applied));
}

/** Rules first, then risk on the amended terms, then the request goes to the venue. */
export async function takeAmend(
  life: OrderLife,
  keeper: ExposureKeeper,
  request: AmendRequest,
  reply?: Reply,
): Promise<void> {
  let command = amendCommand(request);
  if ('malformed' in command) {
    if (patched(TEXTS_ONLY)) return refuseMalformed(life, request, command.malformed, reply);
    command = amendCommand(request, true);
    if ('malformed' in command)
      return settle(life, reply, { ok: false, refusal: malformedRefusal(command.malformed) });
  }
  const refusal = life.wouldRefuse(command);
  if (refusal !== undefined) return settle(life, reply, orRepeat({ ok: false, refusal }));

  const checked = await checkAmendment(life, keeper, command);
  if (checked.reasons.length > 0) return denyAmend(life, request, checked.reasons, reply);
  const applied = life.apply(command);
  if (applied.ok) {
    const pending = life.state.pending.find((candidate) => candidate.requestId === request.requestId);
    if (pending !== undefined) keeper.onReserved(pending.clOrdId, checked.unitReserve);
    else if (!isUnreserved(life.state)) keeper.onTermsInForce(life.state.clOrdId, checked.unitReserve);
  }
  settle(life, reply, applied);
}

/** Quantity and prices as the venue last accepted them. */
function workingTermsOf({ quantity, limitPrice, stopPrice }: OrderState): Working {
  return {
    quantity,
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
  };
}

type Working = NonNullable<ValidateAmendmentInput['working']>;
type Replace = Extract<OrderCommand, { type: 'requestReplace' }>;

/** Every breach of rules and risk; the reservation is made when there is none. */
async function checkAmendment(
  life: OrderLife,
  keeper: ExposureKeeper,
  command: OrderCommand,
): Promise<{ reasons: Reason[]; unitReserve: string }> {
  const { state } = life;
  const replace = command as Replace;
  if (state.terms === undefined) throw new Error('an order that can be amended has terms');
  try {
    const rules = await amendment.validateAmendment({
      request: state.request,
      terms: state.terms,
      ...(replace.quantity !== undefined && { quantity: replace.quantity }),
      ...(replace.limitPrice !== undefined && { limitPrice: replace.limitPrice }),
      ...(replace.stopPrice !== undefined && { stopPrice: replace.stopPrice }),
      at: life.at(),
      working: workingTermsOf(state),
    });
    // Risk is asked about an order that is held for another one when that one lets it go.
    if (rules.reasons.length > 0 || isUnreserved(state)) return { reasons: rules.reasons, unitReserve: ZERO };
    const limitPrice = replace.limitPrice ?? state.limitPrice;
    const stopPrice = replace.stopPrice ?? (state.taken === undefined ? state.stopPrice : undefined);
    const riskVersion = state.riskVersion + 1;
    const moved = exposureOf(state, ZERO);
    const risk = await amendment.reserveExposure(
      reserveInputOf(
        life,
        {
          riskVersion,
          quantity: replace.quantity ?? state.quantity,
          ...(limitPrice !== undefined && { limitPrice }),
          ...(stopPrice !== undefined && { stopPrice }),
        },
        { cash: moved.cashDelta, position: moved.positionDelta },
      ),
    );
    if (risk.outcome === 'denied') return { reasons: risk.reasons, unitReserve: ZERO };
    life.apply({ type: 'recordReserved', riskVersion, limitVersion: risk.limitVersion });
    return { reasons: [], unitReserve: risk.unitReserve };
  } catch (fault) {
    if (!(fault instanceof TemporalFailure)) throw fault;
    keeper.doubtReservation();
    return {
      reasons: [{ code: 'SERVICE_UNAVAILABLE', message: ERROR_CODES.SERVICE_UNAVAILABLE }],
      unitReserve: ZERO,
    };
  }
}

/** A signal has nobody who waits for an answer, so its refusal goes on record. */
function refuseMalformed(life: OrderLife, request: AmendRequest, field: string, reply?: Reply): void {
  const { code, message } = malformedRefusal(field);
  if (reply === undefined) return denyAmend(life, request, [{ code, message, field }]);
  settle(life, reply, { ok: false, refusal: malformedRefusal(field) });
}

function denyAmend(life: OrderLife, request: AmendRequest, reasons: Reason[], reply?: Reply): void {
  const { requestId, by } = request;
  life.apply({ type: 'denyRequest', requestId, by, kind: 'replace', reasons });
  if (reply !== undefined) reply.answer = { result: { outcome: 'denied', order: life.view(), reasons } };
}

/** The market reached the stop; what comes too late, twice or for earlier terms changes nothing. */
export function takeTrigger(
  life: OrderLife,
  { version, sighting }: Extract<InboxItem, { kind: 'trigger' }>,
): void {
  life.apply({ type: 'trigger', version, sighting });
}

/** A named person ends an outcome that nobody could prove. */
export function takeResolve(life: OrderLife, request: ResolveRequest, reply?: Reply): void {
  const { by, evidence, outcome } = request;
  settle(life, reply, life.apply({ type: 'resolveUnknown', by, evidence, outcome }));
}
