import {
  add,
  isZero,
  multiply,
  negate,
  subtract,
  ZERO,
  type Decimal,
  type Money,
  type Price,
  type Quantity,
} from './decimal';
import type { FillStatus, SettledTerms, Side } from '../order/order-types';

/**
 * `trade` and `fee` when a fill happens, `settlement` when it settles, `bust` and `correction` when the venue takes it
 * back or changes it, `opening` for what an account had before its first order.
 */
export type PostingKind = 'trade' | 'fee' | 'settlement' | 'bust' | 'correction' | 'opening';

/**
 * Where an amount stands. An account holds cash and shares as `unsettled` until they settle; `street` is what the other
 * side of trades owes or is owed, `fees` what venues charged, `equity` the origin of opening balances.
 */
export type LedgerBook = 'unsettled' | 'settled' | 'street' | 'fees' | 'equity';

/**
 * One line of the double-entry ledger. Postings are never changed: a bust or a correction is a posting of its own.
 * The amounts of one set sum to zero for each asset, and so does the ledger.
 */
export interface Posting {
  /** A function of the fact that is booked, so that booking it twice is booking it once. */
  postingId: string;
  kind: PostingKind;
  book: LedgerBook;
  /** A client account, `street:<venue>`, `fees:<venue>` or `equity:opening`. */
  account: string;
  /** A currency or a symbol. */
  asset: string;
  /** Signed: positive adds to what the account has. */
  amount: Decimal;
  fillId?: string;
  orderId?: string;
  tradeDate?: string;
  settlementDate?: string;
  /** When it was booked by business time, ISO 8601 UTC. */
  at: string;
}

/** What the ledger needs of a fill; a FillView has it all. */
export interface LedgerFill {
  fillId: string;
  orderId: string;
  account: string;
  symbol: string;
  side: Side;
  quantity: Quantity;
  price: Price;
  fee: Money;
  venue: string;
  executedAt: string;
  tradeDate: string;
  settlementDate: string;
  status?: FillStatus;
  /** Last id of its chain; needed to settle a correction. */
  lastExecId?: string;
  /** What has settled, while a correction of it waits for its own settlement. */
  settledAs?: SettledTerms;
}

export const EQUITY_ACCOUNT = 'equity:opening';

/** Sum of what a fill moves for its account: shares, and cash with the fee taken off. */
interface Movement {
  shares: Decimal;
  cash: Money;
  fee: Money;
}

const NOTHING: Movement = { shares: ZERO, cash: ZERO, fee: ZERO };

function movementOf(
  fill: Pick<LedgerFill, 'side' | 'quantity' | 'price' | 'fee'>,
  multiplier: Decimal,
): Movement {
  const value = multiply(multiply(fill.quantity, fill.price), multiplier);
  return fill.side === 'buy'
    ? { shares: fill.quantity, cash: negate(value), fee: fill.fee }
    : { shares: negate(fill.quantity), cash: value, fee: fill.fee };
}

/** The postings of one movement, each leg against its counterparty; a leg of zero is no posting. */
function movementPostings(
  fill: LedgerFill,
  currency: string,
  movement: Movement,
  head: { idPrefix: string; kind: PostingKind; feeKind: PostingKind; ownBook: LedgerBook; at: string },
): Posting[] {
  const { account, symbol, venue, fillId, orderId, tradeDate, settlementDate } = fill;
  const about = { fillId, orderId, tradeDate, settlementDate, at: head.at };
  const postings: Posting[] = [];
  const post = (
    leg: string,
    kind: PostingKind,
    book: LedgerBook,
    owner: string,
    asset: string,
    amount: Decimal,
  ) => {
    if (isZero(amount)) return;
    const postingId = `${head.idPrefix}:${leg}`;
    postings.push({ postingId, kind, book, account: owner, asset, amount, ...about });
  };
  post('shares', head.kind, head.ownBook, account, symbol, movement.shares);
  post('street-shares', head.kind, 'street', `street:${venue}`, symbol, negate(movement.shares));
  post('cash', head.kind, head.ownBook, account, currency, movement.cash);
  post('street-cash', head.kind, 'street', `street:${venue}`, currency, negate(movement.cash));
  post('fee', head.feeKind, head.ownBook, account, currency, negate(movement.fee));
  post('fees', head.feeKind, 'fees', `fees:${venue}`, currency, movement.fee);
  return postings;
}

/** The postings of a fill on its trade date: shares against the street, cash against the street, fee to the venue. */
export function tradePostings(fill: LedgerFill, currency: string, multiplier: Decimal): Posting[] {
  return movementPostings(fill, currency, movementOf(fill, multiplier), {
    idPrefix: fill.fillId,
    kind: 'trade',
    feeKind: 'fee',
    ownBook: 'unsettled',
    at: fill.executedAt,
  });
}

/**
 * The postings of a fill on its settlement date: what stood as unsettled with the account, fee included, is settled
 * from `at` (ISO 8601 UTC) on. Of a fill that had settled before it was busted or corrected, that is the difference,
 * under ids of that link of its chain. Other busted fills have nothing to settle; callers leave them out.
 */
export function settlementPostings(
  fill: LedgerFill,
  currency: string,
  multiplier: Decimal,
  at: string,
): Posting[] {
  const { shares, cash, fee } = unsettledMovement(fill, multiplier);
  const { account, symbol, fillId, orderId, tradeDate, settlementDate } = fill;
  const idPrefix = fill.settledAs === undefined ? fillId : `${fillId}:${fill.lastExecId ?? ''}`;
  const moves = [
    { leg: 'shares', asset: symbol, amount: shares },
    { leg: 'cash', asset: currency, amount: subtract(cash, fee) },
  ];
  return moves
    .filter(({ amount }) => !isZero(amount))
    .flatMap(({ leg, asset, amount }) => {
      const common = {
        kind: 'settlement' as const,
        account,
        asset,
        fillId,
        orderId,
        tradeDate,
        settlementDate,
        at,
      };
      return [
        {
          ...common,
          postingId: `${idPrefix}:unsettled-${leg}`,
          book: 'unsettled' as const,
          amount: negate(amount),
        },
        { ...common, postingId: `${idPrefix}:settled-${leg}`, book: 'settled' as const, amount },
      ];
    });
}

/** What of the fill is not settled yet. */
function unsettledMovement(fill: LedgerFill, multiplier: Decimal): Movement {
  const { settledAs } = fill;
  if (settledAs === undefined) return movementOf(fill, multiplier);
  const now = fill.status === 'busted' ? NOTHING : movementOf(fill, multiplier);
  return differenceOf(now, movementOf({ side: fill.side, ...settledAs }, multiplier));
}

function differenceOf(is: Movement, was: Movement): Movement {
  return {
    shares: subtract(is.shares, was.shares),
    cash: subtract(is.cash, was.cash),
    fee: subtract(is.fee, was.fee),
  };
}

export interface Reversal {
  /** The fill as it was booked before. */
  before: LedgerFill;
  /** The fill as the venue corrected it; absent when it was busted. */
  after?: LedgerFill;
  /** ExecID of the bust or correct report: each link of the chain books once. */
  execId: string;
  /** True books the difference as settled at once: the fill had settled, and the report named no date of its own. */
  settled: boolean;
  /** When the difference settles, if not with the fill. */
  settlementDate?: string;
  /** Venue time of the report, ISO 8601 UTC. */
  at: string;
}

/**
 * The postings that turn what was booked for `before` into what `after` is worth, fee included, or into nothing. The
 * sum over the chain of a fill is always exactly the fill as it is now.
 */
export function reversalPostings(reversal: Reversal, currency: string, multiplier: Decimal): Posting[] {
  const { before, after = before, execId, settled, settlementDate = after.settlementDate, at } = reversal;
  const was = before.status === 'busted' ? NOTHING : movementOf(before, multiplier);
  const is = reversal.after === undefined ? NOTHING : movementOf(after, multiplier);
  const difference = differenceOf(is, was);
  const kind = reversal.after === undefined ? 'bust' : 'correction';
  return movementPostings({ ...after, settlementDate }, currency, difference, {
    idPrefix: `${before.fillId}:${execId}`,
    kind,
    feeKind: kind,
    ownBook: settled ? 'settled' : 'unsettled',
    at,
  });
}

/** What an account starts with, settled, against equity. `asset` is a currency or a symbol. */
export function openingPostings(account: string, asset: string, amount: Decimal, at: string): Posting[] {
  if (isZero(amount)) return [];
  const common = { kind: 'opening' as const, asset, at };
  return [
    { ...common, postingId: `opening:${account}:${asset}`, book: 'settled', account, amount },
    {
      ...common,
      postingId: `opening:${account}:${asset}:equity`,
      book: 'equity',
      account: EQUITY_ACCOUNT,
      amount: negate(amount),
    },
  ];
}

/** Sum of the amounts of each asset; every value is zero for a set that is in balance. */
export function totalsByAsset(
  postings: readonly Pick<Posting, 'asset' | 'amount'>[],
): Record<string, Decimal> {
  const totals: Record<string, Decimal> = {};
  for (const { asset, amount } of postings) totals[asset] = add(totals[asset] ?? ZERO, amount);
  return totals;
}
