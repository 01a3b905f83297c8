import { getExternalWorkflowHandle, TemporalFailure } from '@temporalio/workflow';
import { cumQtyOf } from '../../domain/order/order-quantities';
import { isEnded } from '../../domain/order/order-status';
import { legNoteSignal } from '../order-list/list-messages';
import { releaseOrder } from './release';
import { takeAmend, takeCancel } from './requests';
import type { LegNote } from '../../domain/order-list/list-types';
import type { VenueDesk } from '../execution/venue-desk';
import type { ExposureKeeper } from '../risk/exposure-keeper';
import type { OrderLife, Reply } from './order-life';
import type { LegActMessage, ListLinkInput } from './order-messages';

/**
 * Between an order and its list: tells the list what concerns it, and takes what the list asks. An order of no list
 * has nothing of this, and costs nothing for it.
 */
export class ListLink {
  private busy = false;
  private readonly life: OrderLife;
  private readonly keeper: ExposureKeeper;
  private readonly desk: VenueDesk;

  constructor(life: OrderLife, keeper: ExposureKeeper, desk: VenueDesk) {
    this.life = life;
    this.keeper = keeper;
    this.desk = desk;
  }

  /** True while the list has not heard everything that concerns it. */
  isBehind(): boolean {
    const { list } = this.life.input;
    return list !== undefined && (this.busy || this.fingerprint(list) !== this.life.link.told);
  }

  /** Tells the list what is new; never waits. Words go out one after the other, so they arrive in order. */
  act(): void {
    const { list } = this.life.input;
    if (list === undefined || this.busy || !this.isBehind()) return;
    this.busy = true;
    this.life.link.told = this.fingerprint(list);
    void getExternalWorkflowHandle(list.workflowId)
      .signal(legNoteSignal, this.noteOf(list))
      .catch((fault: unknown) => {
        // A list that is done hears nothing more: none of its orders was open then, so nothing of it can be missed.
        if (!(fault instanceof TemporalFailure)) throw fault;
      })
      .then(() => {
        this.life.wake(true, () => {
          this.busy = false;
        });
      });
  }

  /** Takes one act of the list, each once, and notes how it was answered. */
  async take({ number, act }: LegActMessage, nowMs: number): Promise<void> {
    const { life, keeper, desk } = this;
    if (number <= life.link.actsAnswered) return;
    const by = `list:${life.input.list?.membership.listId ?? ''}`;
    const request = { requestId: `list-${number}`, by, reason: `${act.kind} by its list` };
    const reply: Reply = {};
    switch (act.kind) {
      case 'cancel':
        takeCancel(life, desk, request, nowMs, reply);
        break;
      case 'resize':
        await takeAmend(life, keeper, { ...request, quantity: act.quantity }, reply);
        break;
      case 'release':
        await releaseOrder(life, keeper, { ...request, quantity: act.quantity }, reply);
        break;
    }
    const refusal = refusalOf(reply);
    life.link = { told: life.link.told, bookedQty: life.link.bookedQty, actsAnswered: number };
    if (refusal !== undefined) life.link.refusal = refusal;
  }

  private noteOf({ membership }: ListLinkInput): LegNote {
    const { state, link } = this.life;
    return {
      leg: membership.leg,
      order: this.life.view(),
      isHeld: state.held?.until === 'release',
      bookedQty: this.bookedQty(),
      isPending: state.pending.length > 0,
      actsAnswered: link.actsAnswered,
      ...(link.refusal !== undefined && { refusal: link.refusal }),
    };
  }

  private bookedQty(): LegNote['bookedQty'] {
    if (!this.keeper.isBehind()) this.life.link.bookedQty = cumQtyOf(this.life.state);
    return this.life.link.bookedQty;
  }

  /** What the list has to hear of: of an order that others wait for its booked fills, of others their fills at once. */
  private fingerprint({ membership }: ListLinkInput): string {
    const { state, link } = this.life;
    const { contingency, leg } = membership;
    const isParent = leg === 0 && (contingency === 'oto' || contingency === 'bracket');
    const filled = isParent ? this.bookedQty() : cumQtyOf(state);
    const onlyEnds = contingency === 'none';
    return JSON.stringify([
      isEnded(state),
      state.held?.until === 'release',
      state.pending.length > 0,
      link.actsAnswered,
      ...(onlyEnds ? [] : [state.quantity, filled]),
    ]);
  }
}

function refusalOf({ answer }: Reply): string | undefined {
  if (answer === undefined) return undefined;
  if ('failure' in answer) return answer.failure.code;
  return answer.result.outcome === 'denied' ? answer.result.reasons[0]?.code : undefined;
}
