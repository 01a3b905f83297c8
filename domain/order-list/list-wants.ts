import { assertNever } from '../errors/assert-never';
import { compare, isPositive, minimum, subtract, ZERO, type Quantity } from '../money/decimal';
import { childrenOf, filledByOthers, filledQtyOf, hasFills, isOver, isRefusedAtEntry } from './leg-facts';
import type { Contingency } from '../order/list-membership';
import type { LegState, ListState } from './list-types';

/** What the list wants of one of its orders now: that it waits, that it works with this total quantity, or ends. */
export type Want = { kind: 'wait' } | { kind: 'go'; quantity: Quantity } | { kind: 'stop' };

const WAIT: Want = { kind: 'wait' };
const STOP: Want = { kind: 'stop' };
const go = (quantity: Quantity): Want => ({ kind: 'go', quantity });

/** How the lists of each contingency go about their orders. */
export interface ContingencyRules {
  /** Orders that come in held: all, those after the first, or none. */
  heldAtEntry: 'all' | 'children' | 'none';
  /** Whether the list goes on giving quantities to orders that work. */
  resizes: boolean;
  want: (list: ListState, leg: number) => Want;
}

/**
 * The rules of contingencies, in one table. Partial fills: of `oco`, any fill cancels the others, and the order that
 * filled goes on; of `ouo`, a fill takes its quantity from the others; of `oto`, the children wait until their parent
 * has ended, and go if it has fills (full trigger); of a bracket, the exits follow the fills of the entry as they
 * come (partial trigger), and never sell more, each with what the other filled, than the entry bought.
 */
export const CONTINGENCY_RULES: Readonly<Record<Contingency, ContingencyRules>> = {
  none: { heldAtEntry: 'none', resizes: false, want: wantAlone },
  oco: { heldAtEntry: 'all', resizes: false, want: wantOneCancelsOther },
  ouo: { heldAtEntry: 'all', resizes: true, want: wantOneUpdatesOther },
  oto: { heldAtEntry: 'children', resizes: false, want: wantOneTriggersOther },
  bracket: { heldAtEntry: 'children', resizes: true, want: wantBracket },
};

/** What the list wants of this order. A list that was cancelled, or refused as it came in, wants all of them ended. */
export function wantOf(list: ListState, leg: number): Want {
  if (list.cancel !== undefined || isRefusedAtEntry(list) || legOf(list, leg).isUnfit === true) return STOP;
  return CONTINGENCY_RULES[list.request.contingency].want(list, leg);
}

export function isHeldAtEntry({ request }: ListState, leg: number): boolean {
  const { heldAtEntry } = CONTINGENCY_RULES[request.contingency];
  switch (heldAtEntry) {
    case 'all':
      return true;
    case 'children':
      return leg > 0;
    case 'none':
      return false;
    default:
      return assertNever(heldAtEntry);
  }
}

/** True once every order that comes in held has been taken. */
export function haveAllHeldEntered(list: ListState): boolean {
  return list.legs.every((leg, index) => !isHeldAtEntry(list, index) || leg.entry === 'accepted');
}

function legOf({ legs }: ListState, index: number): LegState {
  const leg = legs[index];
  if (leg === undefined) throw new Error(`the list has no order ${index}`);
  return leg;
}

/** The whole quantity of an order, as the client wants it: as it was asked for, or amended while it was held. */
export function askedQtyOf({ request, legs }: ListState, index: number): Quantity {
  return legs[index]?.keptQty ?? request.orders[index]?.quantity ?? ZERO;
}

function wantAlone(list: ListState, index: number): Want {
  return go(askedQtyOf(list, index));
}

function wantOneCancelsOther(list: ListState, index: number): Want {
  if (list.winner !== undefined && list.winner !== index) return STOP;
  return haveAllHeldEntered(list) ? go(askedQtyOf(list, index)) : WAIT;
}

function wantOneUpdatesOther(list: ListState, index: number): Want {
  if (!haveAllHeldEntered(list)) return WAIT;
  const leg = legOf(list, index);
  const quantity = subtract(askedQtyOf(list, index), filledByOthers(list.legs, leg));
  return hasRoom(leg, quantity) ? go(quantity) : STOP;
}

/** True when the order could still trade with this total quantity. */
function hasRoom(leg: LegState, quantity: Quantity): boolean {
  return compare(quantity, filledQtyOf(leg)) > 0;
}

function wantOneTriggersOther(list: ListState, index: number): Want {
  if (index === 0) return haveAllHeldEntered(list) ? go(askedQtyOf(list, 0)) : WAIT;
  const parent = legOf(list, 0);
  if (!isOver(parent)) return WAIT;
  if (!hasFills(parent)) return STOP;
  if (!isClosing(list, index)) return go(askedQtyOf(list, index));
  if (compare(parent.bookedQty, filledQtyOf(parent)) < 0) return WAIT;
  const share = shareOf(list, index, filledQtyOf(parent));
  return isPositive(share) ? go(share) : STOP;
}

/** A child on the other side in the same symbol closes what its parent opened, and cannot close more. */
function isClosing({ request }: ListState, index: number): boolean {
  const [parent] = request.orders;
  const child = request.orders[index];
  return parent?.symbol === child?.symbol && (parent?.side === 'buy') !== (child?.side === 'buy');
}

/** What closing children get of `filledQty`, in the order of the list. */
function shareOf(list: ListState, index: number, filledQty: Quantity): Quantity {
  let left = filledQty;
  for (let child = 1; child < index; child += 1) {
    if (isClosing(list, child)) left = subtract(left, minimum(left, askedQtyOf(list, child)));
  }
  return minimum(left, askedQtyOf(list, index));
}

function wantBracket(list: ListState, index: number): Want {
  const exits = childrenOf(list);
  const entry = legOf(list, 0);
  if (index === 0) {
    if (!haveAllHeldEntered(list)) return WAIT;
    // The position is being closed, so no more of it is opened.
    return exits.some(hasFills) ? STOP : go(askedQtyOf(list, 0));
  }
  const exit = legOf(list, index);
  const filled = filledQtyOf(entry);
  // Risk lets only booked fills be sold; what a bust took away is not there any more, booked or not.
  const closable = minimum(filled, entry.bookedQty);
  const quantity = minimum(askedQtyOf(list, index), subtract(closable, filledByOthers(exits, exit)));
  if (hasRoom(exit, quantity)) return go(quantity);
  const mayGrow = !isOver(entry) || compare(closable, filled) < 0;
  return exit.phase !== 'working' && mayGrow ? WAIT : STOP;
}
