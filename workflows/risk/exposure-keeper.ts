import { durableEffects, localEffects, localThenDurable } from '../activity-proxies';
import { exposureOf } from '../../domain/order/order-exposure';
import { decimal, maximum, ZERO } from '../../domain/money/decimal';
import type { ApplyExposureInput } from '../../activities/risk/risk.port';
import type { ExposureContribution } from '../../domain/risk/exposure';
import type { OrderState } from '../../domain/order/order-types';
import type { OrderLife } from '../order-entry/order-life';

/**
 * Keeps what risk holds for this order equal to what the order may still do. Contributions are absolute, so only the
 * newest needs to arrive; whatever ends an order thereby releases its reservation, once.
 */
export class ExposureKeeper {
  private busy = false;
  /** What one state contributes: the main loop asks each time it looks around. */
  private known: { of: OrderState; fingerprint: string } | undefined;
  private readonly life: OrderLife;

  constructor(life: OrderLife) {
    this.life = life;
  }

  isBusy(): boolean {
    return this.busy;
  }

  /** True when risk does not yet hold what the order's state says. */
  isBehind(): boolean {
    return this.life.deliveredExposure !== '' && this.fingerprint() !== this.life.deliveredExposure;
  }

  /** Notes that risk reserved `unitReserve` a unit for the terms of `clOrdId`; from now on exposure is kept. */
  onReserved(clOrdId: string, unitReserve: string): void {
    this.reserve(clOrdId, unitReserve);
    this.life.deliveredExposure = this.fingerprint();
  }

  /** As `onReserved`, for terms that are in force at once; risk still holds the dearer of these and those before. */
  onTermsInForce(clOrdId: string, unitReserve: string): void {
    this.reserve(clOrdId, unitReserve);
    this.life.deliveredExposure = 'amended';
  }

  /**
   * A reserve call failed without an answer, so risk may hold what nobody knows of. From now on exposure is kept: the
   * true contribution goes out with a newer sequence, and fences off a late attempt of the failed call.
   */
  doubtReservation(): void {
    this.life.deliveredExposure = 'undecided';
  }

  act(): void {
    const input = this.busy ? undefined : this.due();
    if (input === undefined) return;
    this.busy = true;
    void localThenDurable(
      () => localEffects.applyExposure(input),
      () => durableEffects.applyExposure(input),
    ).then((by) => {
      this.life.wakeSingle(by, () => {
        this.busy = false;
        this.confirm(input);
      });
    });
  }

  /** What risk has to be told; undefined while it holds what the order's state says. */
  due(): ApplyExposureInput | undefined {
    if (!this.isBehind()) return undefined;
    const { state, input } = this.life;
    return {
      orderId: state.orderId,
      sequence: state.sequence,
      account: state.request.account,
      symbol: state.request.symbol,
      contribution: this.contribution(),
      ...(input.list?.group !== undefined && { group: input.list.group }),
    };
  }

  /** Notes that risk holds this now. */
  confirm({ contribution }: ApplyExposureInput): void {
    this.life.deliveredExposure = JSON.stringify(contribution);
  }

  private reserve(clOrdId: string, unitReserve: string): void {
    this.life.unitReserves[clOrdId] = unitReserve;
    this.known = undefined;
  }

  private fingerprint(): string {
    const { state } = this.life;
    if (this.known?.of !== state)
      this.known = { of: state, fingerprint: JSON.stringify(this.contribution()) };
    return this.known.fingerprint;
  }

  /** The dearest of the working terms and of those that a pending replace may bring into force. */
  private contribution(): ExposureContribution {
    const { state, unitReserves } = this.life;
    const ids = [state.clOrdId, ...state.pending.map((request) => request.clOrdId)];
    const unitReserve = ids.map((id) => decimal(unitReserves[id] ?? ZERO)).reduce(maximum, ZERO);
    return exposureOf(state, unitReserve);
  }
}
