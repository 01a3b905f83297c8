import type { OrderRequest } from './order-types';

const SIDE_WORDS = { buy: 'BUY', sell: 'SELL', sellShort: 'SELL SHORT' } as const;

/** One line that reads like an order in the Temporal UI: "BUY 100 IBM @ 182.50 DAY". */
export function summaryOf(request: OrderRequest): string {
  const { side, quantity, symbol, limitPrice, stopPrice, timeInForce, type } = request;
  const stop = stopPrice === undefined ? [] : [`STOP ${withCents(stopPrice)}`];
  const limit = limitPrice === undefined ? [] : [`@ ${withCents(limitPrice)}`];
  const terms = stop.length + limit.length === 0 ? [`@ ${wordsOf(type)}`] : [...stop, ...limit];
  return [SIDE_WORDS[side], quantity, symbol, ...terms, timeInForce.toUpperCase()].join(' ');
}

/** "marketOnClose" as "MARKET ON CLOSE". */
function wordsOf(type: string): string {
  return type.replaceAll(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase();
}

/** Prices read better with at least two decimals; the exact value is unchanged. */
function withCents(price: string): string {
  const [whole = '0', fraction = ''] = price.split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}
