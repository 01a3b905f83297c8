/**
 * A second, deliberately plain account of what an order shows, in whole numbers: quantities in shares, prices in
 * cents. It is written from the rules and shares no code with the domain, so that a fault must be made twice to
 * pass.
 */
export interface ModelFill {
  execId: string;
  quantity: number;
  cents: number;
  isLive: boolean;
  isSettled: boolean;
  day: number;
}

export interface ModelRequest {
  n: number;
  kind: 'cancel' | 'replace';
  quantity: number;
}

export class OrderModel {
  quantity: number;
  readonly isGoodTill: boolean;
  readonly fills: ModelFill[] = [];
  requests: ModelRequest[] = [];
  answersTo = 1;
  used = 1;
  isAcknowledged = false;
  isDone = false;
  isSuspended = false;
  end: 'canceled' | 'expired' | 'rejected' | undefined;
  wasSettled = false;
  day = 1;

  constructor(quantity: number, isGoodTill: boolean) {
    this.quantity = quantity;
    this.isGoodTill = isGoodTill;
  }

  get cum(): number {
    return total(this.fills.filter((fill) => fill.isLive));
  }

  get dayCum(): number {
    return total(this.fills.filter((fill) => fill.isLive && fill.day === this.day));
  }

  get settled(): number {
    return total(this.fills.filter((fill) => fill.isLive && fill.isSettled));
  }

  get isFilled(): boolean {
    return this.cum > 0 && this.cum >= this.quantity;
  }

  get isSettledState(): boolean {
    return this.lifecycle === 'settled';
  }

  get leaves(): number {
    if (this.end !== undefined || this.isSettledState) return 0;
    return Math.max(0, this.quantity - this.cum);
  }

  get ordStatus(): string {
    if (this.requests.some((request) => request.kind === 'cancel')) return 'pendingCancel';
    if (this.requests.length > 0) return 'pendingReplace';
    if (this.isDone) return 'doneForDay';
    if (this.isFilled) return 'filled';
    if (this.isSuspended) return 'suspended';
    if (this.isSettledState) return 'canceled';
    if (this.end === 'canceled' || this.end === 'expired') return this.end;
    if (this.cum > 0) return 'partiallyFilled';
    if (this.end === 'rejected') return 'rejected';
    return this.isAcknowledged ? 'new' : 'pendingNew';
  }

  get lifecycle(): string {
    if (this.end !== undefined) return this.end === 'canceled' ? 'cancelled' : this.end;
    if (this.wasSettled) return 'settled';
    if (this.isFilled) return 'filled';
    return this.cum > 0 ? 'partiallyFilled' : 'routed';
  }

  /** Settled once filled with everything settled and no increase on its way; from then on only late fills undo it. */
  look(): void {
    if (this.end !== undefined || this.wasSettled || !this.isFilled) return;
    const isAllSettled = this.fills.every((fill) => fill.isSettled || !fill.isLive);
    const isGrowing = this.requests.some(
      (request) => request.kind === 'replace' && request.quantity > this.cum,
    );
    if (isAllSettled && !isGrowing) {
      this.wasSettled = true;
      this.requests = [];
    }
  }

  finish(how: 'canceled' | 'expired' | 'rejected'): void {
    this.end = how;
    this.isDone = how === 'rejected' && this.isDone;
    this.isSuspended = how === 'rejected' && this.isSuspended;
    this.requests = [];
  }
}

function total(fills: readonly ModelFill[]): number {
  return fills.reduce((sum, fill) => sum + fill.quantity, 0);
}
