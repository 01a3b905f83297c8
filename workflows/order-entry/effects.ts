import { durableEffects, localEffects, localThenDurable } from '../activity-proxies';
import { upcastEvent } from '../../domain/order/upcast-event';
import type { CarriedEffects } from './order-messages';
import type { DeliverEffectsInput } from '../../activities/order-steps.port';
import type { TriggerKeeper } from '../execution/trigger-keeper';
import type { Recorder } from '../reporting/recorder';
import type { ExposureKeeper } from '../risk/exposure-keeper';
import type { Settler } from '../settlement/settler';
import type { OrderLife } from './order-life';

export interface EffectSources {
  life: OrderLife;
  keeper: ExposureKeeper;
  recorder: Recorder;
  settler: Settler;
  triggers: TriggerKeeper;
}

/** What the order owes to risk, settlement and reporting. Nothing here waits or holds up the main loop. */
export interface Effects {
  /** Starts what is due; `mayDefer` lets records wait a moment for more news. */
  act(nowMs: number, mayDefer: boolean): void;
  isBusy(): boolean;
  /** What is on its way and waits for somebody to be back, such as MongoDB; the next run may deliver it again. */
  undelivered(): DeliverEffectsInput | undefined;
  /** When the next settlement is due, epoch milliseconds; undefined while none can be taken. */
  settlementDueAt(nowMs: number): number | undefined;
}

/** The effects of this order, in the steps that it began with: a history must meet the steps that it holds. */
export function effectsOf(sources: EffectSources): Effects {
  return sources.life.input.steps === 'joint' ? new JointEffects(sources) : new SingleEffects(sources);
}

/** One delivery at a time, with everything that is due by then: one local activity where there could be three. */
class JointEffects implements Effects {
  private busy = false;
  /** What the run before was not able to deliver: it goes first. */
  private inherited: DeliverEffectsInput | undefined;
  private waiting: DeliverEffectsInput | undefined;
  private readonly sources: EffectSources;

  constructor(sources: EffectSources) {
    this.sources = sources;
    this.inherited = inheritedFrom(sources.life.input.carried?.undelivered);
  }

  isBusy(): boolean {
    return this.busy;
  }

  undelivered(): DeliverEffectsInput | undefined {
    return this.waiting ?? this.inherited;
  }

  settlementDueAt(nowMs: number): number | undefined {
    const dueAt = this.sources.settler.dueAt();
    // What falls due during a delivery is taken when that ends; a timer could only fire in vain.
    return this.busy && dueAt !== undefined && dueAt <= nowMs ? undefined : dueAt;
  }

  act(nowMs: number, mayDefer: boolean): void {
    if (this.busy) return;
    const { life, keeper, triggers } = this.sources;
    const input = this.inherited ?? this.due(nowMs, mayDefer);
    if (Object.keys(input).length === 0) return;
    this.inherited = undefined;
    this.busy = true;
    void localThenDurable(
      () => localEffects.deliverEffects(input),
      () => {
        this.waiting = input;
        return durableEffects.deliverEffects(input);
      },
    ).then((by) => {
      life.wake(by === 'durable', () => {
        this.busy = false;
        this.waiting = undefined;
        if (input.exposure !== undefined) keeper.confirm(input.exposure);
        if (input.trigger !== undefined) triggers.confirm(input.trigger);
      });
    });
  }

  private due(nowMs: number, mayDefer: boolean): DeliverEffectsInput {
    const { keeper, recorder, settler, triggers } = this.sources;
    const settle = settler.take(nowMs);
    const exposure = keeper.due();
    // Records go along with whatever goes anyway.
    const record = recorder.take(nowMs, mayDefer && settle === undefined && exposure === undefined);
    // So do triggers, which only change with an event that is to be recorded.
    const trigger = record === undefined && mayDefer ? undefined : triggers.due();
    return {
      ...(settle !== undefined && { settle }),
      ...(exposure !== undefined && { exposure }),
      ...(record !== undefined && { record }),
      ...(trigger !== undefined && { trigger }),
    };
  }
}

function inheritedFrom(carried: CarriedEffects | undefined): DeliverEffectsInput | undefined {
  if (carried === undefined) return undefined;
  const { record, ...rest } = carried;
  return record === undefined
    ? rest
    : { ...rest, record: { ...record, events: record.events.map(upcastEvent) } };
}

/** Each capability's step on its own, as orders do that began before there were joint ones. */
class SingleEffects implements Effects {
  private readonly sources: EffectSources;

  constructor(sources: EffectSources) {
    this.sources = sources;
  }

  isBusy(): boolean {
    const { keeper, recorder, settler, triggers } = this.sources;
    return keeper.isBusy() || recorder.isBusy() || settler.isBusy() || triggers.isBusy();
  }

  undelivered(): undefined {
    return undefined;
  }

  settlementDueAt(): number | undefined {
    return this.sources.settler.dueAt();
  }

  act(nowMs: number, mayDefer: boolean): void {
    this.sources.settler.act(nowMs);
    this.sources.keeper.act();
    this.sources.recorder.act(nowMs, mayDefer);
    this.sources.triggers.act();
  }
}
