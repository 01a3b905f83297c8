import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { ORDER_STATE_KEY } from '../../temporal-config/search-attributes';
import type { OrderState } from '../../domain/order/order-types';
import type { OrderLife } from './order-life';

/**
 * What the search attribute shows: the lifecycle state, but `held` for an order that waits here. One that is validated
 * and not held should be on its way within seconds, and operations are called when it is not.
 */
export function shownState({ held, state }: OrderState): string {
  return held === undefined ? state : 'held';
}

/** When the order is looked at, and what is to come. */
export interface Look {
  nowMs: number;
  /** A timer brings the order back within seconds, whatever comes. */
  looksAgain: boolean;
  /** A timer ends the state within a moment, or has it looked at again. */
  isPassing: boolean;
}

/** How the order looks to operations in the Temporal UI: its state as search attribute, its figures as markdown. */
export class Presence {
  private published: string;
  private letGoAt: number | undefined;
  private readonly life: OrderLife;

  /** `published` is the state that the search attribute shows already. */
  constructor(life: OrderLife, published: string) {
    this.life = life;
    this.published = published;
  }

  /**
   * Publishes what changed: one search-attribute event a change of state, the details without any event. A state that is
   * passing is not shown: each time costs Temporal a write to its index of all orders, and a state that the next moment
   * ends is worth none. When that moment is over and did not end it, it is shown.
   */
  publish(look: Look): void {
    const state = shownState(this.life.state);
    setCurrentDetails(detailsOf(this.life));
    if (state === this.published || look.isPassing || this.isOnItsWay(state, look)) return;
    this.published = state;
    upsertSearchAttributes([{ key: ORDER_STATE_KEY, value: state }]);
  }

  /**
   * True in the task in which the order was let go: it is sent in the same one, and its next state is usually a moment
   * away. One that is still here when the order looks again cannot be sent, and must show.
   */
  private isOnItsWay(state: string, { nowMs, looksAgain }: Look): boolean {
    if (this.published !== 'held' || state !== 'validated') return false;
    if (!this.life.isInTurn()) return true;
    this.letGoAt ??= nowMs;
    return looksAgain && nowMs === this.letGoAt;
  }
}

function detailsOf(life: OrderLife): string {
  const view = life.view();
  const last = life.unrecorded.at(-1) ?? life.emitted.at(-1);
  const lines = [
    `**${view.state}** (FIX ${view.ordStatus})`,
    '',
    '| quantity | filled | open | average price | settled |',
    '| ---: | ---: | ---: | ---: | ---: |',
    `| ${view.quantity} | ${view.cumQty} | ${view.leavesQty} | ${view.avgPx} | ${view.settledQty} |`,
    '',
    `Last event: ${last === undefined ? 'none in this run' : `#${last.seq} ${last.type} at ${last.at}`}`,
    ...view.reasons.map(
      (reason) => `- ${view.rejectedBy ?? 'refused'}: \`${reason.code}\` ${reason.message}`,
    ),
  ];
  return lines.join('\n');
}
