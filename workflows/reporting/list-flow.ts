import { LIST_ALERTS_RAISED } from '../../observability/metrics/order-flow';
import { FlowCounter } from './flow-counter';
import type { ListAlert } from '../../domain/order-list/list-alerts';

/** What one run of a list tells operations about its way. */
export class ListFlow {
  private readonly counter = new FlowCounter();

  /** Counts what went wrong with the list. */
  countAlerts(alerts: readonly ListAlert[]): void {
    for (const { code } of alerts) this.counter.count(LIST_ALERTS_RAISED, { code });
  }
}
