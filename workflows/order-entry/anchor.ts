import { condition, workflowInfo } from '@temporalio/workflow';
import type { InboxItem } from './order-life';
import type { OrderWorkflowInput } from './order-messages';

/**
 * What a run may decide by: the time and the length of its history, both as of the last event that reached it.
 *
 * The end of a local activity is no such event. When a query meets a workflow task with a local activity, the SDK tells
 * the workflow of that end in the next task, and a replay tells it in the one before: the clock and the length differ
 * between the two (decision 0047). So both are held still until a signal, an update, a timer or a regular activity comes.
 *
 * An order `inTurn` also keeps what such an end comes with from mixing with it: everything that a task brought is in the
 * inbox before anything is taken, each end is acted upon before the next item is taken, and what an event changes it
 * changes when it is taken.
 */
export class Anchor {
  private heldMs: number | undefined;
  private heldLength = 0;
  private heldSuggestion = false;
  private readonly isApplied: boolean;
  private readonly isInTurn: boolean;

  /** Orders that began before there was an anchor go on, and replay, by the clock. */
  constructor({ anchored, inTurn }: Pick<OrderWorkflowInput, 'anchored' | 'inTurn'>) {
    this.isApplied = anchored === true;
    this.isInTurn = this.isApplied && inTurn === true;
  }

  /** Epoch milliseconds, UTC. */
  nowMs(): number {
    return this.heldMs ?? Date.now();
  }

  historyLength(): number {
    return this.isApplied ? this.heldLength : workflowInfo().historyLength;
  }

  /** True when the server finds that the history is long. */
  isLongByServer(): boolean {
    return this.isInTurn ? this.heldSuggestion : workflowInfo().continueAsNewSuggested;
  }

  /** From here on time stands still between events; entry itself goes by the clock, for it is one task. */
  hold(): void {
    if (!this.isApplied) return;
    this.heldMs = Date.now();
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    this.heldLength = historyLength;
    this.heldSuggestion = continueAsNewSuggested;
  }

  /**
   * Waits until everything that came with the present task is in the inbox, and answers given so far are on their way.
   * A condition that is not true at once is looked at again when nothing else is left to run.
   */
  async gather(): Promise<void> {
    if (!this.isInTurn) return;
    await nextPass();
    await nextPass();
  }

  /** Hears of every item before the main loop takes it. */
  note(item: InboxItem): void {
    if (!isEndWithoutEvent(item)) this.hold();
  }

  /** The next item to take. An end that is no event goes first, as it would in a replay. */
  next(inbox: InboxItem[]): InboxItem | undefined {
    const end = this.isApplied ? inbox.findIndex(isEndWithoutEvent) : -1;
    return end < 0 ? inbox.shift() : inbox.splice(end, 1)[0];
  }

  /**
   * True when the loop acts before it takes another item: a replay may find this end in an earlier workflow task. The
   * last step of what asks validation or risk is such an end too.
   */
  isTakenAlone(item: InboxItem): boolean {
    if (this.isInTurn && ASKING_KINDS.includes(item.kind)) return true;
    return this.isApplied && isEndWithoutEvent(item);
  }
}

/** What is taken with local activities in between. */
const ASKING_KINDS: readonly InboxItem['kind'][] = ['amend', 'release', 'legAct'];

const isEndWithoutEvent = (item: InboxItem): boolean =>
  item.kind === 'wake' ? item.isEvent !== true : item.kind === 'settled' && item.isEvent === false;

async function nextPass(): Promise<void> {
  let isNext = false;
  await condition(() => {
    const was = isNext;
    isNext = true;
    return was;
  });
}
