import { ORDER_ANOMALIES, ORDER_TRANSITIONS, ORDERS_DENIED } from '../../observability/metrics/order-flow';
import { FlowCounter } from './flow-counter';
import type { OrderState } from '../../domain/order/order-types';

/** Validation has not chosen a venue yet; what the client asked for is free text and no label. */
const NO_VENUE = 'none';

/** What one run of an order tells operations about its way. */
export class OrderFlow {
  private readonly counter = new FlowCounter();

  /** Counts that the order came into its state. */
  readonly countState = ({ state, terms, rejectedBy, reasons }: OrderState): void => {
    this.counter.count(ORDER_TRANSITIONS, { state, venue: terms?.venue ?? NO_VENUE });
    if (state !== 'rejected' || rejectedBy === undefined || rejectedBy === 'venue') return;
    for (const reason of new Set(reasons.map(({ code }) => code)))
      this.counter.count(ORDERS_DENIED, { by: rejectedBy, reason });
  };

  /** Counts a report that broke a rule, so that operations hear of it. */
  readonly countAnomaly = ({ terms }: OrderState, code: string): void => {
    this.counter.count(ORDER_ANOMALIES, { code, venue: terms?.venue ?? NO_VENUE });
  };
}
