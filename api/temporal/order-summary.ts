import type { OrderRequest } from '../../domain/order/order-types';

const SIDE_WORDS = { buy: 'BUY', sell: 'SELL', sellShort: 'SELL SHORT' } as const;

/** One line that reads like an order in the Temporal UI: "BUY 100 IBM @ 182.50 DAY". */
export function summaryOf(request: OrderRequest): string {
  const { side, quantity, symbol, limitPrice, stopPrice, timeInForce, type } = request;
  const price = limitPrice === undefined ? marketWord(type) : `@ ${withCents(limitPrice)}`;
  const stop = stopPrice === undefined ? [] : [`STOP ${withCents(stopPrice)}`];
  return [SIDE_WORDS[side], quantity, symbol, price, ...stop, timeInForce.toUpperCase()].join(' ');
}

function marketWord(type: string): string {
  return `@ ${type === 'market' ? 'MARKET' : type.replaceAll(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase()}`;
}

/** Prices read better with at least two decimals; the exact value is unchanged. */
function withCents(price: string): string {
  const [whole = '0', fraction = ''] = price.split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}
