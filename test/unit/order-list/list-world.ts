import { add, compare, decimal, minimum, subtract, ZERO, type Quantity } from '../../../domain/money/decimal';
import { nextActions } from '../../../domain/order-list/decide-list';
import { evolveList, openList } from '../../../domain/order-list/evolve-list';
import type { Contingency } from '../../../domain/order/list-membership';
import type {
  LegAct,
  LegNote,
  ListEvent,
  ListRequest,
  ListState,
} from '../../../domain/order-list/list-types';
import type { OrderRequest, RejectedBy } from '../../../domain/order/order-types';
import type { OrderView } from '../../../domain/order/order-view';

const AT = '2026-01-05T15:00:00.000Z';

export function orderRequest(leg: number, changes: Partial<OrderRequest> = {}): OrderRequest {
  return {
    clientOrderId: `leg-${leg}`,
    account: 'ACC-T',
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    quantity: decimal('100'),
    limitPrice: decimal('182'),
    timeInForce: 'day',
    ...changes,
  };
}

/** A list of the usual form: a bracket closes what its entry opens, the others are on one side. */
export function listRequest(contingency: Contingency, count: number): ListRequest {
  const orders = Array.from({ length: count }, (_, leg): OrderRequest => {
    if (contingency !== 'bracket' || leg === 0) return orderRequest(leg);
    const exit = orderRequest(leg, { side: 'sell' });
    return leg === 1 ? exit : { ...exit, type: 'stop', stopPrice: decimal('180') };
  });
  return { listId: 'list', account: 'ACC-T', contingency, orders };
}

/** One order as the list meets it, with a venue that answers when the test says so. */
interface PlayedOrder {
  quantity: Quantity;
  cumQty: Quantity;
  bookedQty: Quantity;
  state: OrderView['state'];
  held: boolean;
  pending?: LegAct;
  acts: LegAct[];
  actsAnswered: number;
  sequence: number;
  rejectedBy: RejectedBy | null;
}

/** A list among orders whose words and whose venue may be late, in any order between them. */
export class ListWorld {
  list: ListState;
  readonly orders = new Map<number, PlayedOrder>();
  private readonly notes = new Map<number, LegNote[]>();

  private readonly denied: readonly number[];

  /** Orders with the numbers in `denied` are denied as they come in. */
  constructor(request: ListRequest, denied: readonly number[] = []) {
    this.denied = denied;
    this.list = openList(request);
    this.proceed();
  }

  isOpen(leg: number): boolean {
    const order = this.orders.get(leg);
    return order !== undefined && (order.state === 'validated' || order.state === 'partiallyFilled');
  }

  /** The venue fills up to `quantity` of an order that it has. */
  fill(leg: number, quantity: Quantity): void {
    const order = this.orders.get(leg);
    if (order === undefined || order.held || !this.isOpen(leg)) return;
    order.cumQty = add(order.cumQty, minimum(quantity, subtract(order.quantity, order.cumQty)));
    if (compare(order.cumQty, order.quantity) >= 0) this.end(leg, 'filled');
    else order.state = 'partiallyFilled';
    this.say(leg);
  }

  /** Risk books the fills so far. */
  book(leg: number): void {
    const order = this.orders.get(leg);
    if (order === undefined || order.bookedQty === order.cumQty) return;
    order.bookedQty = order.cumQty;
    this.say(leg);
  }

  /** The order ends for a reason that is not the list's. */
  end(leg: number, state: OrderView['state'], rejectedBy: RejectedBy | null = null): void {
    const order = this.orders.get(leg);
    if (order === undefined || !this.isOpen(leg)) return;
    Object.assign(order, { state, rejectedBy, held: false, pending: undefined });
    this.say(leg);
  }

  /** A person gives the order another quantity. */
  amend(leg: number, quantity: Quantity): void {
    const order = this.orders.get(leg);
    if (order !== undefined) order.quantity = quantity;
    this.say(leg);
  }

  /** The order takes the next act that the list asked of it; with `refuse` it will not. */
  takeAct(leg: number, refuse = false): void {
    const order = this.orders.get(leg);
    const act = order?.acts.shift();
    if (order === undefined || act === undefined) return;
    order.actsAnswered += 1;
    if (this.isOpen(leg) && !refuse) this.perform(leg, order, act);
    this.say(leg);
  }

  private perform(leg: number, order: PlayedOrder, act: LegAct): void {
    if (act.kind === 'release') Object.assign(order, { held: false, quantity: act.quantity });
    else if (order.held && act.kind === 'cancel') this.end(leg, 'cancelled');
    else if (act.kind === 'cancel' || compare(act.quantity, order.cumQty) > 0) order.pending = act;
  }

  /** The venue answers the request that it has. */
  answer(leg: number, accepts: boolean): void {
    const order = this.orders.get(leg);
    const { pending } = order ?? {};
    if (order === undefined || pending === undefined) return;
    delete order.pending;
    if (accepts && pending.kind === 'cancel') this.end(leg, 'cancelled');
    else if (accepts && pending.kind === 'resize') {
      order.quantity = pending.quantity;
      if (compare(order.cumQty, order.quantity) >= 0) this.end(leg, 'filled');
    }
    this.say(leg);
  }

  /** The list hears the oldest word of the order that it has not heard. */
  hear(leg: number): void {
    const note = this.notes.get(leg)?.shift();
    if (note !== undefined) this.apply({ type: 'noted', note, at: AT });
  }

  apply(event: ListEvent): void {
    this.list = evolveList(this.list, event);
    this.proceed();
  }

  /** Everybody does what there is to do, and the venue takes what it is asked, until nothing moves. */
  settle(): void {
    for (let round = 0; round < 1_000; round += 1) {
      const before = JSON.stringify([this.list, [...this.orders], [...this.notes]]);
      for (const leg of this.orders.keys()) {
        this.book(leg);
        this.takeAct(leg);
        this.answer(leg, true);
        while ((this.notes.get(leg)?.length ?? 0) > 0) this.hear(leg);
      }
      if (JSON.stringify([this.list, [...this.orders], [...this.notes]]) === before) return;
    }
    throw new Error('the list never comes to rest');
  }

  private proceed(): void {
    for (const action of nextActions(this.list)) {
      const { leg } = action;
      if (action.kind === 'begin') {
        this.list = evolveList(this.list, { type: 'begun', leg });
        this.begin(leg, action.held);
      } else if (action.kind === 'skip') this.list = evolveList(this.list, { type: 'skipped', leg });
      else {
        this.list = evolveList(this.list, { type: 'asked', leg, act: action.act });
        this.orders.get(leg)?.acts.push(action.act);
      }
    }
  }

  private begin(leg: number, held: boolean): void {
    const { quantity } = this.list.request.orders[leg] ?? orderRequest(leg);
    this.orders.set(leg, {
      quantity,
      cumQty: ZERO,
      bookedQty: ZERO,
      state: this.denied.includes(leg) ? 'rejected' : 'validated',
      held,
      acts: [],
      actsAnswered: 0,
      sequence: 1,
      rejectedBy: this.denied.includes(leg) ? 'validation' : null,
    });
    this.say(leg);
  }

  private say(leg: number): void {
    const order = this.orders.get(leg);
    if (order === undefined) return;
    order.sequence += 1;
    const { quantity, cumQty, bookedQty, state, sequence, rejectedBy, actsAnswered, held } = order;
    const view = { quantity, cumQty, state, sequence, rejectedBy } as OrderView;
    const isPending = order.pending !== undefined;
    const note: LegNote = { leg, order: view, isHeld: held, bookedQty, isPending, actsAnswered };
    this.notes.set(leg, [...(this.notes.get(leg) ?? []), note]);
  }
}
