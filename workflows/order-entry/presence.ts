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

/** How the order looks to operations in the Temporal UI: its state as search attribute, its figures as markdown. */
export class Presence {
  private published: string;
  private detailed: OrderState | undefined;
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
  publish(isPassing: boolean): void {
    const state = shownState(this.life.state);
    if (this.detailed !== this.life.state) setCurrentDetails(detailsOf(this.life));
    this.detailed = this.life.state;
    if (state === this.published || isPassing || this.isLetGoUnshown(state)) return;
    this.published = state;
    upsertSearchAttributes([{ key: ORDER_STATE_KEY, value: state }]);
  }

  /** Orders that show each state do not show this one, which usually ends in the task in which they were let go. */
  private isLetGoUnshown(state: string): boolean {
    return this.life.input.shows !== 'lasting' && this.published === 'held' && state === 'validated';
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
