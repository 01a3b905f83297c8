import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** The one schema of our search attributes; the namespace is provisioned and orders are written from it. */
export const SEARCH_ATTRIBUTES = {
  Account: SearchAttributeType.KEYWORD,
  Symbol: SearchAttributeType.KEYWORD,
  Side: SearchAttributeType.KEYWORD,
  OrderState: SearchAttributeType.KEYWORD,
  Venue: SearchAttributeType.KEYWORD,
  OrderType: SearchAttributeType.KEYWORD,
  Trader: SearchAttributeType.KEYWORD,
} as const;

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;
export const SEARCH_ATTRIBUTE_NAMES = Object.keys(SEARCH_ATTRIBUTES) as SearchAttributeName[];

export const ORDER_STATE_KEY = defineSearchAttributeKey('OrderState', SearchAttributeType.KEYWORD);

export interface OrderSearchAttributes {
  account: string;
  symbol: string;
  side: string;
  state: string;
  venue: string;
  orderType: string;
  trader: string;
}

const keyword = (name: SearchAttributeName) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

/** Typed search attributes for starting a list of orders. */
export function listSearchAttributes({ account, trader }: Pick<OrderSearchAttributes, 'account' | 'trader'>) {
  return [
    { key: keyword('Account'), value: account },
    { key: keyword('Trader'), value: trader },
  ];
}

/** Typed search attributes for starting an order. A keyword holds at most 255 characters; ours are far below. */
export function orderSearchAttributes(values: OrderSearchAttributes) {
  return [
    { key: keyword('Account'), value: values.account },
    { key: keyword('Symbol'), value: values.symbol },
    { key: keyword('Side'), value: values.side },
    { key: keyword('OrderState'), value: values.state },
    { key: keyword('Venue'), value: values.venue },
    { key: keyword('OrderType'), value: values.orderType },
    { key: keyword('Trader'), value: values.trader },
  ];
}
