import { assertNever } from '../errors/assert-never';
import { compare, maximum, sum, ZERO } from '../money/decimal';
import { orderIdOf } from '../order/order-id';
import { CANCELS_REFUSED_MAX } from './decide-list';
import { childrenOf, filledQtyOf, hasFills, isOver } from './leg-facts';
import { raise, type ListAlertCode } from './list-alerts';
import type { LegAct, LegNote, LegPhase, LegState, ListEvent, ListRequest, ListState } from './list-types';
import { askedQtyOf } from './list-wants';

/** A list of which nothing has begun. */
export function openList(request: ListRequest): ListState {
  const legs = request.orders.map(({ account, clientOrderId }): LegState => ({
    orderId: orderIdOf(account, clientOrderId),
    phase: 'waiting',
    bookedQty: ZERO,
    isPending: false,
    acts: 0,
    actsAnswered: 0,
    cancelsRefused: 0,
  }));
  return { request, legs, alerts: [] };
}

/** The list after `event`. Never changes its arguments. A note older than what is known changes nothing. */
export function evolveList(list: ListState, event: ListEvent): ListState {
  switch (event.type) {
    case 'noted':
      return noted(list, event.note, event.at);
    case 'begun':
      return withLeg(list, event.leg, { phase: 'entering' });
    case 'skipped':
      return withLeg(list, event.leg, { phase: 'notBegun', entry: 'notBegun' });
    case 'asked': {
      const acts = legOf(list, event.leg).acts + 1;
      return withLeg(list, event.leg, { acts, asked: event.act });
    }
    case 'conflicted':
      return withLeg(list, event.leg, { phase: 'notBegun', entry: 'conflict' });
    case 'lost':
      return lost(list, event.leg, event.at);
    case 'cancelAsked': {
      const { by, reason } = event;
      return { ...list, cancel: list.cancel ?? { by, ...(reason !== undefined && { reason }) } };
    }
    case 'retryDue':
      return { ...list, legs: list.legs.map(({ isToRetry: _past, ...leg }) => leg) };
    default:
      return assertNever(event);
  }
}

function legOf({ legs }: ListState, index: number): LegState {
  const leg = legs[index];
  if (leg === undefined) throw new Error(`the list has no order ${index}`);
  return leg;
}

function withLeg(list: ListState, index: number, changes: Partial<LegState>): ListState {
  const changed = { ...legOf(list, index), ...changes };
  return { ...list, legs: list.legs.map((leg, at) => (at === index ? changed : leg)) };
}

function withAlert(list: ListState, code: ListAlertCode, leg: number, at: string): ListState {
  return { ...list, alerts: raise(list.alerts, code, leg, at) };
}

const ENDED_STATES: ReadonlySet<string> = new Set(['filled', 'settled', 'cancelled', 'expired', 'rejected']);

function phaseOf({ order, isHeld }: LegNote): LegPhase {
  if (ENDED_STATES.has(order.state)) return 'ended';
  return isHeld ? 'held' : 'working';
}

function noted(list: ListState, note: LegNote, at: string): ListState {
  const before = legOf(list, note.leg);
  if (note.order.sequence < (before.order?.sequence ?? 0)) return list;
  const isDenied = note.order.rejectedBy === 'validation' || note.order.rejectedBy === 'risk';
  const { order, bookedQty, isPending, actsAnswered } = note;
  let next = withLeg(list, note.leg, {
    phase: phaseOf(note),
    entry: before.entry ?? (isDenied ? 'denied' : 'accepted'),
    order,
    bookedQty,
    isPending,
    actsAnswered,
    ...(note.isHeld && { keptQty: order.quantity }),
  });
  if (before.entry !== undefined && order.state === 'rejected') {
    next = withAlert(next, isDenied ? 'LEG_DENIED' : 'LEG_REJECTED', note.leg, at);
  } else if (order.rejectedBy === 'venue') next = withAlert(next, 'LEG_REJECTED', note.leg, at);
  return raiseFaults(withWinner(settled(next, note, at), note.leg), at);
}

/** Judges the act that was asked for, once the order has answered it and the venue too. */
function settled(list: ListState, note: LegNote, at: string): ListState {
  const { asked, acts, isPending, actsAnswered } = legOf(list, note.leg);
  if (asked === undefined || actsAnswered < acts || isPending) return list;
  const { asked: _settled, ...leg } = legOf(list, note.leg);
  const free = { ...list, legs: list.legs.map((other, index) => (index === note.leg ? leg : other)) };
  if (leg.phase === 'ended') return free;
  if (note.refusal !== undefined && PASSING_REFUSALS.has(note.refusal))
    return withLeg(free, note.leg, { isToRetry: true });
  return judged(free, note, asked, at);
}

/** Refusals that say nothing about the act itself: the same may be taken a moment later. */
const PASSING_REFUSALS: ReadonlySet<string> = new Set([
  'SERVICE_UNAVAILABLE',
  'ORDER_NOT_OPEN',
  'REPLACE_PENDING',
  'CANCEL_PENDING',
  'RISK_REQUEST_SUPERSEDED',
  'NO_MARKET_PRICE',
]);

function judged(list: ListState, { leg, order }: LegNote, asked: LegAct, at: string): ListState {
  switch (asked.kind) {
    case 'cancel': {
      const cancelsRefused = legOf(list, leg).cancelsRefused + 1;
      const next = withLeg(list, leg, { cancelsRefused });
      return cancelsRefused < CANCELS_REFUSED_MAX ? next : withAlert(next, 'LEG_NOT_CANCELLED', leg, at);
    }
    case 'release':
      if (legOf(list, leg).phase !== 'held') return withLeg(list, leg, { givenQty: asked.quantity });
      return withAlert(withLeg(list, leg, { isUnfit: true }), 'LEG_NOT_RELEASED', leg, at);
    case 'resize':
      if (order.quantity === asked.quantity) return withLeg(list, leg, { givenQty: asked.quantity });
      return withAlert(withLeg(list, leg, { refusedQty: asked.quantity }), 'LEG_NOT_RESIZED', leg, at);
    default:
      return assertNever(asked);
  }
}

function withWinner(list: ListState, leg: number): ListState {
  const decides = list.request.contingency === 'oco' && list.winner === undefined;
  return decides && hasFills(legOf(list, leg)) ? { ...list, winner: leg } : list;
}

/** A workflow that was ended by force: whether its order trades on, only the venue knows. */
function lost(list: ListState, index: number, at: string): ListState {
  const leg = legOf(list, index);
  if (isOver(leg)) return list;
  const { asked: _moot, ...rest } = leg;
  const gone: LegState = { ...rest, phase: 'ended', entry: leg.entry ?? 'lost', isPending: false };
  const next = { ...list, legs: list.legs.map((other, at_) => (at_ === index ? gone : other)) };
  return raiseFaults(withAlert(next, 'LEG_LOST', index, at), at);
}

/** What the races of a market can bring about: it is a fact then, and a person has to know. */
function raiseFaults(list: ListState, at: string): ListState {
  switch (list.request.contingency) {
    case 'oco':
      return list.legs.reduce(
        (next, leg, index) =>
          index !== list.winner && hasFills(leg) ? withAlert(next, 'BOTH_FILLED', index, at) : next,
        list,
      );
    case 'ouo': {
      const asked = list.legs.map((_leg, index) => askedQtyOf(list, index)).reduce(maximum, ZERO);
      const filled = sum(list.legs.map(filledQtyOf));
      return compare(filled, asked) > 0 ? withAlert(list, 'OVERFILLED', 0, at) : list;
    }
    case 'bracket':
      return raiseBracketFaults(list, at);
    case 'none':
    case 'oto':
      return list;
    default:
      return assertNever(list.request.contingency);
  }
}

function raiseBracketFaults(list: ListState, at: string): ListState {
  const exits = childrenOf(list);
  const open = compare(filledQtyOf(list.legs[0]), sum(exits.map(filledQtyOf)));
  if (open < 0) return withAlert(list, 'OVERFILLED', 0, at);
  const isProtected = list.cancel !== undefined || !exits.every(isOver);
  return open > 0 && !isProtected ? withAlert(list, 'UNPROTECTED', 0, at) : list;
}
