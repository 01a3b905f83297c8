import { decimal, type Decimal } from '../../../domain/money/decimal';
import { decide } from '../../../domain/order/decide';
import { evolve, stampEvents } from '../../../domain/order/evolve';
import type { ExecutionReport, ReportKind } from '../../../domain/order/execution-report';
import type { TriggerSighting } from '../../../domain/order/hold';
import { openOrder } from '../../../domain/order/open-order';
import type { OrderCommand, Refusal } from '../../../domain/order/order-commands';
import type { OrderEvent } from '../../../domain/order/order-events';
import { orderIdOf } from '../../../domain/order/order-id';
import type { OrderRequest, OrderState, OrderTerms } from '../../../domain/order/order-types';

export const AT = '2025-03-03T15:00:00.000Z';
export const ORDER_ID = orderIdOf('ACC-1', 'c-1');
export const VENUE = 'XSIM';

export const d = (text: string): Decimal => decimal(text);

export const REQUEST: OrderRequest = {
  clientOrderId: 'c-1',
  account: 'ACC-1',
  symbol: 'IBM',
  side: 'buy',
  type: 'limit',
  quantity: d('100'),
  limitPrice: d('10'),
  timeInForce: 'day',
};

export const TERMS: OrderTerms = {
  venue: VENUE,
  venueTaskQueue: 'venue-XSIM',
  currency: 'USD',
  tickSize: d('0.01'),
  lotSize: d('1'),
  multiplier: d('1'),
  sessionCloseAt: '2025-03-03T22:00:00.000Z',
  settlement: { mode: 'calendar' },
};

/** The last trade at 10 reached a stop at 10. */
export const SIGHTING: TriggerSighting = {
  price: d('10'),
  priceType: 'last',
  stopPrice: d('10'),
  seenAt: AT,
  missed: false,
  basis: 'present',
};

/** An order under test: runs commands through `decide` and `evolve`, and keeps every event. */
export class OrderUnderTest {
  state: OrderState;
  readonly events: OrderEvent[] = [];

  constructor(request: Partial<OrderRequest> = {}, base: OrderRequest = REQUEST) {
    const input = { orderId: ORDER_ID, workflowId: 'order:ACC-1:c-1', enteredBy: 'ann' };
    const bodies = openOrder({ ...input, request: { ...base, ...request } });
    const events = stampEvents(undefined, bodies, ORDER_ID, AT);
    this.state = this.fold(undefined, events);
  }

  /** Runs a command; the refusal, if it was refused. */
  run(command: OrderCommand): Refusal | undefined {
    const before = JSON.stringify(this.state);
    const decision = decide(this.state, command);
    if (JSON.stringify(this.state) !== before) throw new Error('decide changed the state');
    if (!decision.ok) return decision.refusal;
    this.state = this.fold(this.state, stampEvents(this.state, decision.events, ORDER_ID, AT));
    return undefined;
  }

  report(kind: ReportKind, fields: Partial<ExecutionReport> = {}): Refusal | undefined {
    return this.run({
      type: 'applyReport',
      report: report(kind, { clOrdId: this.state.clOrdId, ...fields }),
    });
  }

  fill(
    execId: string,
    quantity: string,
    price = '10',
    fields: Partial<ExecutionReport> = {},
  ): Refusal | undefined {
    return this.report('fill', { execId, lastQty: d(quantity), lastPx: d(price), ...fields });
  }

  cancel(requestId: string): Refusal | undefined {
    return this.run({ type: 'requestCancel', requestId, by: 'ann' });
  }

  replace(requestId: string, quantity?: string, limitPrice?: string): Refusal | undefined {
    return this.run({
      type: 'requestReplace',
      requestId,
      by: 'ann',
      ...(quantity !== undefined && { quantity: d(quantity) }),
      ...(limitPrice !== undefined && { limitPrice: d(limitPrice) }),
    });
  }

  /** Types of the events since the order was received, reports by their kind and anomalies by their code. */
  story(): string[] {
    return this.events.slice(1).map((event) => {
      if (event.type === 'reportApplied') return event.report.kind;
      return event.type === 'anomalyRaised' ? event.code : event.type;
    });
  }

  anomalies(): string[] {
    return this.events.flatMap((event) => (event.type === 'anomalyRaised' ? [event.code] : []));
  }

  private fold(before: OrderState | undefined, events: OrderEvent[]): OrderState {
    let state = before;
    for (const event of events) state = evolve(state, event);
    this.events.push(...events);
    if (state === undefined) throw new Error('no event');
    return state;
  }
}

let reportCount = 0;

export function report(kind: ReportKind, fields: Partial<ExecutionReport>): ExecutionReport {
  reportCount += 1;
  return {
    venue: VENUE,
    kind,
    orderId: ORDER_ID,
    clOrdId: `${ORDER_ID}-1`,
    transactTime: AT,
    ...(!kind.endsWith('Rejected') && { execId: `auto-${reportCount}` }),
    ...fields,
  };
}

/** An order that was validated, reserved and sent. */
export function routedOrder(request: Partial<OrderRequest> = {}): OrderUnderTest {
  const order = new OrderUnderTest(request);
  order.run({ type: 'recordValidated', terms: TERMS });
  order.run({ type: 'recordReserved', riskVersion: 1, limitVersion: 1 });
  order.run({ type: 'recordRouted' });
  return order;
}

/** An order that works at the venue. */
export function workingOrder(request: Partial<OrderRequest> = {}): OrderUnderTest {
  const order = routedOrder(request);
  order.report('accepted', { execId: 'ack' });
  return order;
}
