import { decimal } from '../../../domain/money/decimal';
import { decide } from '../../../domain/order/decide';
import { evolve, stampEvents } from '../../../domain/order/evolve';
import { openOrder } from '../../../domain/order/open-order';
import { orderIdOf, workflowIdOf } from '../../../domain/order/order-id';
import { changedFills, toFillViews, toOrderView } from '../../../domain/order/order-projection';
import type { RecordOrderInput } from '../../../activities/reporting/reporting.port';
import type { ExecutionReport } from '../../../domain/order/execution-report';
import type { OrderCommand } from '../../../domain/order/order-commands';
import type { OrderEvent } from '../../../domain/order/order-events';
import type { OrderState } from '../../../domain/order/order-types';

const START_MS = Date.UTC(2026, 10, 23, 15);
let clock = 0;
let execs = 0;

function nextInstant(): string {
  clock += 1_000;
  return new Date(START_MS + clock).toISOString();
}

/** An order driven through the real domain, cut into records as the workflow would send them. */
export class RecordedOrder {
  state: OrderState;
  readonly log: OrderEvent[] = [];
  private unrecorded: OrderEvent[] = [];
  private changed: string[] = [];

  constructor(
    account: string,
    clientOrderId: string,
    side: 'buy' | 'sell',
    quantity: string,
    symbol = 'IBM',
  ) {
    const orderId = orderIdOf(account, clientOrderId);
    const request = {
      clientOrderId,
      account,
      symbol,
      side,
      type: 'limit' as const,
      quantity: decimal(quantity),
      limitPrice: decimal('100'),
      timeInForce: 'day' as const,
    };
    const workflowId = workflowIdOf(account, clientOrderId);
    const events = stampEvents(
      undefined,
      openOrder({ orderId, workflowId, request, enteredBy: 'tester' }),
      orderId,
      nextInstant(),
    );
    this.state = this.fold(undefined, events);
    this.do({
      type: 'recordValidated',
      terms: {
        venue: 'XSIM',
        venueTaskQueue: 'venue-XSIM',
        currency: 'USD',
        tickSize: decimal('0.01'),
        lotSize: decimal('1'),
        multiplier: decimal('1'),
        sessionCloseAt: '2026-11-23T22:00:00.000Z',
        settlement: { mode: 'calendar' },
      },
    });
    this.do({ type: 'recordReserved', riskVersion: 1, limitVersion: 1 });
    this.do({ type: 'recordRouted' });
    this.report('accepted', {});
  }

  do(command: OrderCommand): void {
    const decision = decide(this.state, command);
    if (!decision.ok) throw new Error(`${command.type} was refused: ${decision.refusal.code}`);
    this.state = this.fold(
      this.state,
      stampEvents(this.state, decision.events, this.state.orderId, nextInstant()),
    );
  }

  report(kind: ExecutionReport['kind'], fields: Partial<ExecutionReport>): string {
    execs += 1;
    const execId = `e${execs}`;
    const { orderId, clOrdId } = this.state;
    const head = { venue: 'XSIM', kind, execId, clOrdId, orderId, transactTime: nextInstant() };
    const dates = {
      tradeDate: '2026-11-23',
      settlementDate: '2026-11-24',
      settleAt: '2026-11-24T05:00:00.000Z',
    };
    this.do({ type: 'applyReport', report: { ...head, ...(kind === 'fill' && dates), ...fields } });
    return execId;
  }

  fill(quantity: string, price: string, at?: string): string {
    const time = at === undefined ? {} : { transactTime: at };
    return this.report('fill', {
      lastQty: decimal(quantity),
      lastPx: decimal(price),
      fee: decimal('0.1'),
      ...time,
    });
  }

  bust(execId: string): void {
    this.report('bust', { execRefId: execId });
  }

  correct(execId: string, quantity: string, price: string): void {
    this.report('correct', {
      execRefId: execId,
      lastQty: decimal(quantity),
      lastPx: decimal(price),
      fee: decimal('0.1'),
    });
  }

  settle(): void {
    const fillIds = this.state.fills
      .filter(({ settled, status }) => !settled && status !== 'busted')
      .map(({ fillId }) => fillId);
    this.do({ type: 'settleFills', fillIds, settlementDate: '2026-11-24' });
  }

  /** What happened since the last record. */
  record(): RecordOrderInput {
    const fillIds = new Set(this.changed.splice(0));
    return {
      events: this.unrecorded.splice(0),
      view: toOrderView(this.state),
      fills: toFillViews(this.state).filter(({ fillId }) => fillIds.has(fillId)),
      currency: 'USD',
      multiplier: '1',
    };
  }

  private fold(before: OrderState | undefined, events: OrderEvent[]): OrderState {
    let state = before;
    for (const event of events) {
      const next = evolve(state, event);
      this.changed.push(...changedFills(state, next).map(({ fillId }) => fillId));
      state = next;
    }
    this.unrecorded.push(...events);
    this.log.push(...events);
    if (state === undefined) throw new Error('no events');
    return state;
  }
}
