import { compare, isMultipleOf, isPositive, type Decimal } from '../money/decimal';
import { isTriggerType } from '../order/hold';
import { breach, checkOnTick, type ValueRules } from './value-checks';
import type { OrderRequest, Reason } from '../order/order-types';

/** A trail of the whole price or more would never begin. */
const BPS_BOUND = '10000' as Decimal;
const ONE = '1' as Decimal;
/** Times in force that end at once, or at an auction, leave no time in which to wait for a price. */
const WITHOUT_WAIT: readonly string[] = ['ioc', 'fok', 'opg', 'cls'];

/** Breaches of what only orders that wait for a price state, and of what nobody else may. */
export function checkTrigger(request: OrderRequest, rules: ValueRules): Reason[] {
  const { type, timeInForce, triggerPriceType } = request;
  if (!isTriggerType(type)) {
    const surplus = triggerPriceType === undefined ? [] : [notAllowed(type, triggerPriceType)];
    return [...surplus, ...checkOffset(request, rules)];
  }
  const reasons: Reason[] = [];
  if (WITHOUT_WAIT.includes(timeInForce)) {
    const message = `An order of type ${type} waits for a price, which ${timeInForce} leaves no time for.`;
    reasons.push(breach('UNSUPPORTED_TIME_IN_FORCE', message, 'timeInForce', timeInForce, 'day, gtc, gtd'));
  }
  return [...reasons, ...checkOffset(request, rules)];
}

function notAllowed(type: string, value: string): Reason {
  const message = `An order of type ${type} takes no triggerPriceType.`;
  return breach('TRIGGER_PRICE_TYPE_NOT_ALLOWED', message, 'triggerPriceType', value);
}

function checkOffset(request: OrderRequest, { tickSize }: ValueRules): Reason[] {
  const { type, trailingOffset: offset, trailingOffsetType } = request;
  if (type !== 'trailingStop') {
    const surplus = [
      offset === undefined ? undefined : 'trailingOffset',
      trailingOffsetType && 'trailingOffsetType',
    ];
    return surplus.flatMap((field) =>
      field === undefined
        ? []
        : [breach('TRAILING_OFFSET_NOT_ALLOWED', `An order of type ${type} takes no ${field}.`, field)],
    );
  }
  if (offset === undefined) {
    return [breach('TRAILING_OFFSET_REQUIRED', 'A trailing stop needs trailingOffset.', 'trailingOffset')];
  }
  const invalid = (why: string, limit?: string): Reason[] => [
    breach('TRAILING_OFFSET_INVALID', `trailingOffset ${offset} ${why}.`, 'trailingOffset', offset, limit),
  ];
  if (!isPositive(offset)) return invalid('must be above 0', '0');
  if (trailingOffsetType === 'bps') {
    return compare(offset, BPS_BOUND) < 0 ? [] : invalid('must be below 10000 basis points', BPS_BOUND);
  }
  if (trailingOffsetType === 'ticks') {
    return isMultipleOf(offset, ONE) ? [] : invalid('must be a whole number of ticks');
  }
  return checkOnTick('trailingOffset', offset, tickSize);
}
