import { orderIdOf, workflowIdOf } from '../../domain/order/order-id';
import { mayUseAccount, type Principal } from '../auth/permissions';
import { problem, type Problem } from '../http/problem';
import type { OrderGateway } from '../temporal/order-gateway';
import type { Reads } from '../reads';
import { nodeSha256Hex } from '../../storage/node-sha256';

/** Orders that one process keeps in mind, so that most look-ups need nobody. */
const REMEMBERED_MAX = 50_000;

export interface OrderPlace {
  orderId: string;
  account: string;
  clientOrderId: string;
  workflowId: string;
}
export type Located = { kind: 'place'; place: OrderPlace } | Problem;

/** Names the order a second time, for clients that cancel while MongoDB is away. */
export interface OrderHint {
  account?: string | undefined;
  clientOrderId?: string | undefined;
}

/**
 * Finds the workflow of an order id. In turn: the pair that the client gave, what this process remembers, MongoDB,
 * and while MongoDB is away the open orders that Temporal lists. So a cancel never waits for MongoDB.
 */
export class OrderLocator {
  private readonly reads: Reads;
  private readonly gateway: OrderGateway;
  private readonly remembered = new Map<string, OrderPlace>();

  constructor(reads: Reads, gateway: OrderGateway) {
    this.reads = reads;
    this.gateway = gateway;
  }

  placeOf(account: string, clientOrderId: string): OrderPlace {
    const orderId = orderIdOf(account, clientOrderId, nodeSha256Hex);
    return { orderId, account, clientOrderId, workflowId: workflowIdOf(account, clientOrderId) };
  }

  /** Call it for orders that are known to exist: they are then found without MongoDB. */
  remember(account: string, clientOrderId: string): OrderPlace {
    const place = this.placeOf(account, clientOrderId);
    this.remembered.delete(place.orderId);
    this.remembered.set(place.orderId, place);
    if (this.remembered.size > REMEMBERED_MAX) {
      const oldest = this.remembered.keys().next();
      if (!oldest.done) this.remembered.delete(oldest.value);
    }
    return place;
  }

  /** The order's place, or 404 when it does not exist or is not the key's, or 503 when nobody can say. */
  async locate(orderId: string, principal: Principal, hint: OrderHint = {}): Promise<Located> {
    const found =
      this.fromHint(orderId, hint) ?? this.remembered.get(orderId) ?? (await this.search(orderId, principal));
    if (found === undefined) return problem('NOT_FOUND');
    if ('kind' in found) return found;
    return mayUseAccount(principal, found.account) ? { kind: 'place', place: found } : problem('NOT_FOUND');
  }

  /** An order id is a function of the pair, so a pair that gives it is proof enough of where the order is. */
  private fromHint(orderId: string, { account, clientOrderId }: OrderHint): OrderPlace | undefined {
    if (account === undefined || clientOrderId === undefined) return undefined;
    const place = this.placeOf(account, clientOrderId);
    return place.orderId === orderId ? place : undefined;
  }

  private async search(orderId: string, principal: Principal): Promise<OrderPlace | Problem | undefined> {
    if (this.reads.ready()) {
      const identity = await this.reads.orUnavailable(() => this.reads.findIdentityByOrderId(orderId));
      if (identity.ok) {
        if (identity.value === undefined) return undefined;
        return this.remember(identity.value.account, identity.value.clientOrderId);
      }
    }
    const accounts = principal.accounts.includes('*') ? undefined : principal.accounts;
    const open = await this.gateway.openOrders(accounts);
    if (open.ok) for (const { account, clientOrderId } of open.value) this.remember(account, clientOrderId);
    return (
      this.remembered.get(orderId) ??
      problem('SERVICE_UNAVAILABLE', { detail: 'The order cannot be looked up.' })
    );
  }
}
