import { durableEffects, localEffects, localThenDurable } from '../activity-proxies';
import { nextSettlement } from '../../domain/order/order-settlement';
import type { SettleFillsInput } from '../../activities/settlement/settlement.port';
import type { OrderLife } from '../order-entry/order-life';

/** Settles each fill on its own date, after a durable timer; one group of fills at a time. */
export class Settler {
  private busy = false;
  private readonly life: OrderLife;

  constructor(life: OrderLife) {
    this.life = life;
  }

  isBusy(): boolean {
    return this.busy;
  }

  /** When the next group is due, in epoch milliseconds; undefined while one is being settled or none is left. */
  dueAt(): number | undefined {
    if (this.busy) return undefined;
    const next = nextSettlement(this.life.state);
    return next === undefined ? undefined : Date.parse(next.settleAt);
  }

  act(nowMs: number): void {
    const next = nextSettlement(this.life.state);
    if (this.busy || next === undefined || Date.parse(next.settleAt) > nowMs) return;
    this.busy = true;
    const input = this.inputFor(next.fillIds, next.settlementDate);
    void localThenDurable(
      () => localEffects.settleFills(input),
      () => durableEffects.settleFills(input),
    ).then((by) => {
      const end = (): void => {
        this.busy = false;
      };
      const item = { kind: 'settled', fillIds: next.fillIds, settlementDate: next.settlementDate } as const;
      if (this.life.isInTurn()) {
        this.life.inbox.push({ ...item, isEvent: by === 'durable', end });
        return;
      }
      end();
      this.life.inbox.push(item);
    });
  }

  /**
   * The group that is due, as settled: the order says so at once, since the date alone decides, and the caller
   * delivers the booking before any record that names it.
   */
  take(nowMs: number): SettleFillsInput | undefined {
    const next = nextSettlement(this.life.state);
    if (next === undefined || Date.parse(next.settleAt) > nowMs) return undefined;
    const input = this.inputFor(next.fillIds, next.settlementDate);
    this.life.apply({ type: 'settleFills', fillIds: next.fillIds, settlementDate: next.settlementDate });
    return input;
  }

  private inputFor(fillIds: string[], settlementDate: string): SettleFillsInput {
    const { state } = this.life;
    if (state.terms === undefined) throw new Error('an order with fills has terms');
    return {
      orderId: state.orderId,
      account: state.request.account,
      symbol: state.request.symbol,
      side: state.request.side,
      currency: state.terms.currency,
      multiplier: state.terms.multiplier,
      venue: state.terms.venue,
      fills: state.fills.filter((fill) => fillIds.includes(fill.fillId)),
      settlementDate,
      at: this.life.at(),
    };
  }
}
