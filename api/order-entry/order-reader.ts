import type { OrderView } from '../../domain/order/order-view';
import { problem, type Problem } from '../http/problem';
import type { OrderGateway } from '../temporal/order-gateway';
import type { Reads } from '../reads';
import type { OrderPlace } from './order-locator';

/** `absent` means that neither MongoDB nor Temporal has the order; `unavailable` that they could not be asked. */
export type ReadOrder = { kind: 'order'; order: OrderView } | { kind: 'absent' } | { kind: 'unavailable' };

/** Reads one order: the view first, and the workflow itself when the view has nothing or cannot be read. */
export class OrderReader {
  private readonly reads: Reads;
  private readonly gateway: OrderGateway;

  constructor(reads: Reads, gateway: OrderGateway) {
    this.reads = reads;
    this.gateway = gateway;
  }

  async read(place: OrderPlace): Promise<ReadOrder> {
    const stored = await this.fromView(place.orderId);
    if (stored !== undefined) return { kind: 'order', order: stored };
    const live = await this.gateway.view(place.workflowId);
    if (live.ok) return { kind: 'order', order: live.value };
    if (live.fault.kind !== 'notFound') return { kind: 'unavailable' };
    return this.reads.ready() ? { kind: 'absent' } : { kind: 'unavailable' };
  }

  /** The newer of what the caller holds and the view; never fails, because the caller has an answer already. */
  async newest(held: OrderView): Promise<OrderView> {
    const stored = await this.fromView(held.orderId);
    return stored !== undefined && stored.sequence > held.sequence ? stored : held;
  }

  private async fromView(orderId: string): Promise<OrderView | undefined> {
    if (!this.reads.ready()) return undefined;
    const found = await this.reads.orUnavailable(() => this.reads.findOrder(orderId));
    return found.ok ? found.value : undefined;
  }
}

/** What a client is told when an order cannot be shown. */
export function unreadable(read: Exclude<ReadOrder, { kind: 'order' }>): Problem {
  return read.kind === 'absent'
    ? problem('NOT_FOUND')
    : problem('SERVICE_UNAVAILABLE', { detail: 'The order cannot be read at the moment.' });
}
