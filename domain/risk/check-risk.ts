import { add, compare, isPositive, maximum, multiply, subtract, ZERO } from '../money/decimal';
import type { Decimal, Money, Price } from '../money/decimal';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes';
import { isTriggerType } from '../order/hold';
import type { Reason } from '../order/order-types';
import type { ExposureContribution } from './exposure';
import type { FeeSchedule } from './fee-schedule';
import { haltsOn, type ActiveHalt } from './halts';
import { collarBound, freshQuote, valuationPrice, type RiskQuote } from './reference-price';
import type { AccountExposure, RiskOrder } from './risk-decision';
import type { RiskLimits } from './risk-limits';

export const NO_EXPOSURE: ExposureContribution = {
  reservedCash: ZERO,
  reservedPosition: ZERO,
  openBuyQuantity: ZERO,
  cashDelta: ZERO,
  positionDelta: ZERO,
};

export interface RiskCheckInput {
  order: RiskOrder;
  limits: RiskLimits;
  /** The account with what all its orders hold, this one's `held` included. */
  account: AccountExposure;
  held: ExposureContribution;
  quote: RiskQuote | undefined;
  halts: readonly ActiveHalt[];
  fees: FeeSchedule | undefined;
  /** The moment of the decision, ISO 8601 UTC. */
  at: string;
}

export type RiskCheckResult =
  /** `contribution` is what the order holds from now on; `unitReserve` is the cash in it per open unit. */
  | { outcome: 'reserved'; unitReserve: Money; contribution: ExposureContribution }
  /** Every breach, not the first only. */
  | { outcome: 'denied'; reasons: Reason[] };

/**
 * The pre-trade checks, in the order: halts, static limits, limits that need a market price, exposure. An amendment
 * is measured on its increase: what the order holds already is not asked for again, and until the venue has answered
 * it holds the dearer of the old and the new terms.
 */
export function checkRisk(input: RiskCheckInput): RiskCheckResult {
  const { order, limits, fees } = input;
  const quote = freshQuote(input.quote, input.at, limits.quoteAgeMsMax);
  const price = valuationPrice(order, quote, limits);
  const reasons = [...haltBreaches(input), ...supportBreaches(order, fees)];
  reasons.push(...quantityBreaches(order, limits));
  if (price === undefined) reasons.push(breach('NO_MARKET_PRICE', 'symbol', order.symbol));
  else reasons.push(...priceBreaches(order, limits, price, quote));

  const unitReserve = order.side === 'buy' ? unitCost(order, price ?? ZERO, fees) : ZERO;
  const contribution = contributionOf(order, unitReserve, input.held);
  reasons.push(...exposureBreaches(input, contribution));
  return reasons.length > 0
    ? { outcome: 'denied', reasons }
    : { outcome: 'reserved', unitReserve, contribution };
}

function breach(code: ErrorCode, field: string, value: string, limit?: Decimal): Reason {
  return { code, message: ERROR_CODES[code], field, value, ...(limit !== undefined && { limit }) };
}

function haltBreaches({ halts, order }: RiskCheckInput): Reason[] {
  return haltsOn(halts, order).map(({ scope, id }) => breach('TRADING_HALTED', scope, id));
}

/** Validation denies these first; risk must not reserve for what it cannot value. */
function supportBreaches(order: RiskOrder, fees: FeeSchedule | undefined): Reason[] {
  const reasons: Reason[] = [];
  if (order.side === 'sellShort') reasons.push(breach('UNSUPPORTED_SIDE', 'side', order.side));
  if (order.type !== 'market' && order.type !== 'limit' && !isTriggerType(order.type)) {
    reasons.push(breach('UNSUPPORTED_ORDER_TYPE', 'type', order.type));
  }
  if (fees === undefined) reasons.push(breach('UNKNOWN_VENUE', 'venue', order.venue));
  return reasons;
}

function quantityBreaches({ quantity }: RiskOrder, { orderQuantityMax }: RiskLimits): Reason[] {
  if (compare(quantity, orderQuantityMax) <= 0) return [];
  return [breach('ORDER_QUANTITY_LIMIT', 'quantity', quantity, orderQuantityMax)];
}

function priceBreaches(
  order: RiskOrder,
  limits: RiskLimits,
  price: Price,
  quote: RiskQuote | undefined,
): Reason[] {
  const reasons: Reason[] = [];
  const value = multiply(multiply(order.quantity, price), order.multiplier);
  if (compare(value, limits.orderValueMax) > 0) {
    reasons.push(breach('ORDER_VALUE_LIMIT', 'quantity', value, limits.orderValueMax));
  }
  const bound = collarBound(order, quote, limits.collarFraction);
  if (order.limitPrice !== undefined && bound !== undefined) {
    const beyond = compare(order.limitPrice, bound);
    if (order.side === 'buy' ? beyond > 0 : beyond < 0) {
      reasons.push(breach('PRICE_COLLAR', 'limitPrice', order.limitPrice, bound));
    }
  }
  return reasons;
}

function unitCost(order: RiskOrder, price: Price, fees: FeeSchedule | undefined): Money {
  return add(multiply(price, order.multiplier), fees?.perUnit ?? ZERO);
}

function contributionOf(
  order: RiskOrder,
  unitReserve: Money,
  held: ExposureContribution,
): ExposureContribution {
  const open = maximum(subtract(order.quantity, order.cumQty), ZERO);
  const isBuy = order.side === 'buy';
  return {
    reservedCash: maximum(multiply(open, unitReserve), held.reservedCash),
    reservedPosition: maximum(isBuy ? ZERO : open, held.reservedPosition),
    openBuyQuantity: maximum(isBuy ? open : ZERO, held.openBuyQuantity),
    cashDelta: order.cashDelta,
    positionDelta: order.positionDelta,
  };
}

function exposureBreaches(input: RiskCheckInput, next: ExposureContribution): Reason[] {
  const { account, held, limits } = input;
  const reasons: Reason[] = [];
  const othersCash = subtract(account.reserved, held.reservedCash);
  const cash = add(subtract(account.cash, held.cashDelta), next.cashDelta);
  const buyingPower = subtract(cash, othersCash);
  if (exceeds(next.reservedCash, held.reservedCash, buyingPower)) {
    reasons.push(breach('INSUFFICIENT_BUYING_POWER', 'quantity', next.reservedCash, buyingPower));
  }
  const { position } = account;
  const quantity = add(subtract(position.quantity, held.positionDelta), next.positionDelta);
  const free = subtract(quantity, subtract(position.reservedSell, held.reservedPosition));
  if (exceeds(next.reservedPosition, held.reservedPosition, free)) {
    reasons.push(breach('INSUFFICIENT_POSITION', 'quantity', next.reservedPosition, free));
  }
  const othersOpenBuy = subtract(position.openBuy, held.openBuyQuantity);
  const worst = add(add(quantity, othersOpenBuy), next.openBuyQuantity);
  const grows = compare(next.openBuyQuantity, held.openBuyQuantity) > 0;
  if (grows && compare(worst, limits.positionMax) > 0) {
    reasons.push(breach('POSITION_LIMIT', 'quantity', worst, limits.positionMax));
  }
  return reasons;
}

/** True when an order asks for more than it holds and more than there is. */
function exceeds(wanted: Decimal, held: Decimal, available: Decimal): boolean {
  return isPositive(subtract(wanted, held)) && compare(wanted, available) > 0;
}
