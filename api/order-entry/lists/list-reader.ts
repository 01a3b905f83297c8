import { isOver } from '../../../domain/order-list/leg-facts';
import type { ListView } from '../../../domain/order-list/list-view';
import type { Reads } from '../../reads';
import type { ListGateway } from '../../temporal/list-gateway';
import type { OrderReader } from '../order-reader';

/** `absent` means that neither MongoDB nor Temporal has the list; `unavailable` that they could not be asked. */
export type ReadList = { kind: 'list'; list: ListView } | { kind: 'absent' } | { kind: 'unavailable' };

/**
 * Reads one list. A list of which an order is open is asked itself, because its record follows a moment later; its
 * record answers while Temporal is away, and for a list that is done.
 */
export class ListReader {
  private readonly reads: Reads;
  private readonly lists: ListGateway;
  private readonly orders: OrderReader;

  constructor(reads: Reads, lists: ListGateway, orders: OrderReader) {
    this.reads = reads;
    this.lists = lists;
    this.orders = orders;
  }

  async read(account: string, listId: string): Promise<ReadList> {
    const kept = await this.reads.orUnavailable(() => this.reads.findList(account, listId));
    const record = kept.ok ? kept.value : undefined;
    if (record?.orders.every(isOver)) return { kind: 'list', list: record };
    const live = await this.lists.view(account, listId);
    if (live.ok) return { kind: 'list', list: await this.withNewestOrders(live.value) };
    if (record !== undefined) return { kind: 'list', list: record };
    if (live.fault.kind !== 'notFound') return { kind: 'unavailable' };
    return kept.ok ? { kind: 'absent' } : { kind: 'unavailable' };
  }

  /** The list hears of what concerns it; what else happened to its orders is in their own views. */
  private async withNewestOrders(list: ListView): Promise<ListView> {
    const orders = list.orders.map(async (leg) =>
      leg.order === undefined ? leg : { ...leg, order: await this.orders.newest(leg.order) },
    );
    return { ...list, orders: await Promise.all(orders) };
  }
}
