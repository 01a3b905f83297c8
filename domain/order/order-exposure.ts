import { multiply, negate, subtract, ZERO, type Decimal, type Money } from '../money/decimal';
import type { ExposureContribution } from './exposure';
import { ledgerTotals } from './fill-ledger';
import { openQtyOf } from './order-quantities';
import { isOpen } from './order-status';
import type { OrderState } from './order-types';

const ONE = '1' as Decimal;

/** True while the order is held for another one and risk was not asked yet: nothing is reserved for it. */
export function isUnreserved({ held, riskVersion }: OrderState): boolean {
  return held?.until === 'release' && riskVersion === 0;
}

/**
 * What the order contributes to its account's exposure. `unitReserve` is the cash held for each open unit of a buy
 * (price and worst-case fee, multiplier included). Nothing is held for an order that ended. Executions move cash by
 * price and fee: a buy pays both, a sell gets the price less the fee.
 */
export function exposureOf(state: OrderState, unitReserve: Money): ExposureContribution {
  const open = isOpen(state) && !isUnreserved(state) ? openQtyOf(state) : ZERO;
  const isBuy = state.request.side === 'buy';
  const { tradedQty, notional, fees } = ledgerTotals(state.fills);
  const value = multiply(notional, state.terms?.multiplier ?? ONE);
  return {
    reservedCash: isBuy ? multiply(open, unitReserve) : ZERO,
    reservedPosition: state.request.side === 'sell' ? open : ZERO,
    openBuyQuantity: isBuy ? open : ZERO,
    cashDelta: subtract(isBuy ? negate(value) : value, fees),
    positionDelta: isBuy ? tradedQty : negate(tradedQty),
  };
}
