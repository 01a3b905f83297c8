import { compare, decimal, isMultipleOf, isPositive } from '../../../domain/money/decimal';
import { PEG_TICK } from './peg';
import { refusal, type VenueRefusal } from './refusal';
import type { WireAuction, WireAuctionKind, WireOrder } from '../protocol';

const LOT = decimal('1');
const ON_OPEN: readonly string[] = ['marketOnOpen', 'limitOnOpen'];
const ON_CLOSE: readonly string[] = ['marketOnClose', 'limitOnClose'];
const AUCTIONS: Readonly<Record<string, WireAuctionKind>> = { opg: 'open', cls: 'close' };

/** The auction that an order is for, by its type or its time in force; undefined for continuous trading. */
export function auctionKindOf({ type, timeInForce }: WireOrder): WireAuctionKind | undefined {
  if (ON_OPEN.includes(type)) return 'open';
  if (ON_CLOSE.includes(type)) return 'close';
  return AUCTIONS[timeInForce];
}

/** Breaches of the terms that only some types and times in force have; undefined when there is none. */
export function refuseSpecialTerms(
  order: WireOrder,
  { at, auction }: { at: string; auction: WireAuction | undefined },
): VenueRefusal | undefined {
  return (
    refuseTimeInForce(order) ??
    refuseDisplay(order) ??
    refusePeg(order) ??
    refuseExpiry(order, at) ??
    refuseAuction(auction, at)
  );
}

/** Which times in force go with a type; the venue's plain orders take them all. */
function refuseTimeInForce({ type, timeInForce }: WireOrder): VenueRefusal | undefined {
  const allowed = timesInForceOf(type);
  if (allowed === undefined || allowed.includes(timeInForce)) return undefined;
  return refusal('11', `type does not take this time in force: type=${type} timeInForce=${timeInForce}`);
}

function timesInForceOf(type: string): readonly string[] | undefined {
  if (ON_OPEN.includes(type)) return ['day', 'opg'];
  if (ON_CLOSE.includes(type)) return ['day', 'cls'];
  return type === 'iceberg' || type === 'pegged' ? ['day', 'gtc', 'gtd'] : undefined;
}

function refuseDisplay({ type, displayQuantity, quantity }: WireOrder): VenueRefusal | undefined {
  if (type !== 'iceberg') {
    return displayQuantity === undefined
      ? undefined
      : refusal('99', `a ${type} order takes no displayQuantity`);
  }
  if (displayQuantity === undefined) return refusal('99', 'an iceberg order needs displayQuantity');
  const isWhole = isPositive(displayQuantity) && isMultipleOf(displayQuantity, LOT);
  if (isWhole && compare(displayQuantity, quantity) <= 0) return undefined;
  return refusal('13', `displayQuantity must be from 1 to the quantity: displayQuantity=${displayQuantity}`);
}

function refusePeg({ type, pegPriceType, pegOffset }: WireOrder): VenueRefusal | undefined {
  if (type !== 'pegged') {
    return pegPriceType === undefined && pegOffset === undefined
      ? undefined
      : refusal('99', `a ${type} order takes no peg`);
  }
  if (pegOffset === undefined || isMultipleOf(pegOffset, PEG_TICK)) return undefined;
  return refusal('18', `pegOffset must be a multiple of ${PEG_TICK}: pegOffset=${pegOffset}`);
}

function refuseExpiry({ timeInForce, expireAt }: WireOrder, at: string): VenueRefusal | undefined {
  if (timeInForce !== 'gtd') {
    return expireAt === undefined ? undefined : refusal('99', `a ${timeInForce} order takes no expireAt`);
  }
  if (expireAt === undefined) return refusal('99', 'a gtd order needs expireAt');
  if (Date.parse(expireAt) > Date.parse(at)) return undefined;
  return refusal('4', `expireAt is over: expireAt=${expireAt}`);
}

function refuseAuction(auction: WireAuction | undefined, at: string): VenueRefusal | undefined {
  if (auction === undefined || Date.parse(at) < Date.parse(auction.entryEndsAt)) return undefined;
  return refusal('4', `too late for the auction: entry ended at ${auction.entryEndsAt}`);
}
