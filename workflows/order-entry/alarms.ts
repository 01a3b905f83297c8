import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { InboxItem } from './order-life';

/** The durable timers an order can have, each at most once. */
export type AlarmName =
  'record' | 'dayEnd' | 'settlement' | 'bustWindow' | 'retrySend' | 'askStatus' | 'abandonRoute' | 'leave';
export type WantedAlarms = Partial<Record<AlarmName, number>>;

interface Armed {
  at: number;
  scope: CancellationScope;
}

/**
 * Keeps the durable timers equal to what the state of the order wants. Because the wanted set is a function of the
 * state, a timer can neither be forgotten after continue-as-new nor outlive its reason.
 */
export class Alarms {
  private readonly armed = new Map<AlarmName, Armed>();
  private readonly onFire: (name: AlarmName) => void;
  private readonly isInTurn: boolean;

  /** `isInTurn`: a timer that fired counts as armed until the main loop takes it. */
  constructor(onFire: (name: AlarmName) => void, isInTurn: boolean) {
    this.onFire = onFire;
    this.isInTurn = isInTurn;
  }

  /** Hears of every item before the main loop takes it. */
  note(item: InboxItem): void {
    if (this.isInTurn && item.kind === 'alarm') this.armed.delete(item.name);
  }

  /** Arms, moves and cancels timers; `wanted` gives due times in epoch milliseconds, `now` the workflow's time. */
  sync(wanted: WantedAlarms, now: number): void {
    for (const [name, armed] of this.armed) {
      if (wanted[name] === armed.at) continue;
      this.armed.delete(name);
      armed.scope.cancel();
    }
    for (const [name, at] of Object.entries(wanted) as [AlarmName, number][]) {
      if (!this.armed.has(name)) this.arm(name, at, Math.max(1, at - now));
    }
  }

  private arm(name: AlarmName, at: number, delayMs: number): void {
    const scope = new CancellationScope();
    const armed: Armed = { at, scope };
    this.armed.set(name, armed);
    void scope
      .run(() => sleep(delayMs))
      .then(
        () => {
          if (this.armed.get(name) !== armed) return;
          if (!this.isInTurn) this.armed.delete(name);
          this.onFire(name);
        },
        (fault: unknown) => {
          if (!isCancellation(fault)) throw fault;
        },
      );
  }
}
