import { durableEffects, localEffects, localThenDurable } from '../activity-proxies';
import { isTriggerType, type TriggerTerms } from '../../domain/order/hold';
import type { KeepTriggerInput } from '../../activities/execution/trigger.port';
import type { OrderState } from '../../domain/order/order-types';
import type { OrderLife } from '../order-entry/order-life';

/** What the watch of the market is told once it has nothing more to do for an order. */
const OVER = 'null';

/**
 * Keeps what the watch of the market does for this order equal to what the order waits for. Like exposure it is told
 * as a whole, so only the newest needs to arrive. An order that never waits for a price tells nothing.
 */
export class TriggerKeeper {
  private busy = false;
  private readonly life: OrderLife;

  constructor(life: OrderLife) {
    this.life = life;
  }

  isBusy(): boolean {
    return this.busy;
  }

  isBehind(): boolean {
    return this.wanted() !== this.life.deliveredTrigger;
  }

  /** What the watch has to be told; undefined while it knows. */
  due(): KeepTriggerInput | undefined {
    if (!this.isBehind()) return undefined;
    const { state } = this.life;
    const { orderId, workflowId, sequence } = state;
    return { orderId, workflowId, sequence, terms: termsOf(state) ?? null };
  }

  confirm({ terms }: KeepTriggerInput): void {
    this.life.deliveredTrigger = JSON.stringify(terms);
  }

  /** Tells the watch by itself: for orders without joint steps. */
  act(): void {
    const input = this.busy ? undefined : this.due();
    if (input === undefined) return;
    this.busy = true;
    void localThenDurable(
      () => localEffects.deliverEffects({ trigger: input }),
      () => durableEffects.deliverEffects({ trigger: input }),
    ).then((by) => {
      this.life.wakeSingle(by, () => {
        this.busy = false;
        this.confirm(input);
      });
    });
  }

  private wanted(): string {
    const terms = termsOf(this.life.state);
    if (terms !== undefined) return JSON.stringify(terms);
    return this.life.deliveredTrigger === '' ? '' : OVER;
  }
}

function termsOf({ request, terms, held, stopPrice }: OrderState): TriggerTerms | undefined {
  if (held?.until !== 'trigger' || terms === undefined || !isTriggerType(request.type)) return undefined;
  const { trailingOffset, trailingOffsetType } = request;
  return {
    version: held.version,
    since: held.since,
    venue: terms.venue,
    symbol: request.symbol,
    account: request.account,
    side: request.side,
    type: request.type,
    priceType: request.triggerPriceType ?? 'last',
    ...(stopPrice !== undefined && { stopPrice }),
    ...(trailingOffset !== undefined && { trailingOffset }),
    ...(trailingOffsetType !== undefined && { trailingOffsetType }),
    tickSize: terms.tickSize,
  };
}
