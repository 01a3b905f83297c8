/** Everything that the worker registers as workflow types: the exported name is the type. */
export { correction } from './execution/correction.workflow';
export { order } from './order-entry/order.workflow';
export { orderList } from './order-list/order-list.workflow';
