import { nextAuction, type Auction, type AuctionKind } from '../calendar/auctions';
import type { OrderRequest, OrderType, TimeInForce } from '../order/order-types';

const AUCTION_OF_TYPE: Partial<Record<OrderType, AuctionKind>> = {
  marketOnOpen: 'open',
  limitOnOpen: 'open',
  marketOnClose: 'close',
  limitOnClose: 'close',
};
const AUCTION_OF_TIME: Partial<Record<TimeInForce, AuctionKind>> = { opg: 'open', cls: 'close' };

/** The auction that an order is for, by its type or its time in force; undefined for continuous trading. */
export function auctionKindOf({ type, timeInForce }: OrderRequest): AuctionKind | undefined {
  return AUCTION_OF_TYPE[type] ?? AUCTION_OF_TIME[timeInForce];
}

/** The auction of an order that comes at `at`; undefined when it is for none, or the venue holds none. */
export function auctionOf(request: OrderRequest, venue: string, at: string): Auction | undefined {
  const kind = auctionKindOf(request);
  return kind === undefined ? undefined : nextAuction(venue, kind, at);
}

/** When an order ends by terms other than its day, ISO 8601 UTC; undefined when only its day, or nothing, ends it. */
export function endsAtOf(request: OrderRequest, venue: string, at: string): string | undefined {
  const auction = auctionOf(request, venue, at);
  if (auction !== undefined) return auction.at;
  return request.timeInForce === 'gtd' ? request.expireAt : undefined;
}
