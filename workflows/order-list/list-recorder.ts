import { durableEffects } from '../activity-proxies';
import { outlineOf } from '../../domain/order-list/list-view';
import type { ListLife } from './list-life';
import type { CarriedListRecord } from './list-messages';

/**
 * Keeps the list in MongoDB equal to what it is, but for its orders, which tell of themselves. One record at a time, and
 * the newest wins; nothing of the list waits for it but its end. A list from before there were records has none.
 */
export class ListRecorder {
  private busy = false;
  private kept: CarriedListRecord;
  private readonly life: ListLife;
  private readonly createdAt: string;

  /** `startedAt` is when this run began, ISO 8601 UTC; the first run of the list names the time of the list. */
  constructor(life: ListLife, startedAt: string) {
    this.life = life;
    this.kept = life.input.carried?.record ?? { revision: 0, text: '', createdAt: startedAt };
    this.createdAt = this.kept.createdAt;
  }

  isBusy(): boolean {
    return this.busy;
  }

  /** True when there is something new to record and no record is on its way. */
  isDue(): boolean {
    return !this.busy && this.life.input.recorded === true && this.text() !== this.kept.text;
  }

  /** What the next run has to know. */
  carry(): CarriedListRecord {
    return this.kept;
  }

  /** Records what is new; never waits. */
  act(now: string): void {
    if (!this.isDue()) return;
    this.busy = true;
    const { requestHash, enteredBy } = this.life.input;
    const { createdAt } = this;
    const revision = this.kept.revision + 1;
    this.kept = { revision, text: this.text(), createdAt };
    const outline = outlineOf(this.life.view());
    void durableEffects
      .recordList({ revision, outline, enteredBy, requestHash, createdAt, updatedAt: now })
      .then(() => {
        this.busy = false;
      });
  }

  private text(): string {
    return JSON.stringify(outlineOf(this.life.view()));
  }
}
