import { compareKeys, EMPTY_POSITION, foldFill, keyOf } from './position-fold';
import type { FillKey, PositionFill, PositionState } from './position-fold';
import type { Decimal } from '../money/decimal';

/** Fills kept after the checkpoint; beyond this number the older half is folded into it. */
const TAIL_MAX = 256;

export interface Checkpoint {
  state: PositionState;
  /** The last fill that the state contains. */
  key: FillKey;
}

interface TailEntry {
  fill: PositionFill;
  before: PositionState;
}

/**
 * A position with enough of its past to take fills in any order of arrival: a checkpoint and the fills since. A fill
 * that comes late, is busted or corrected is folded again from its place on; the result is always that of folding
 * all fills in execution order.
 */
export class PositionHistory {
  checkpoint: Checkpoint | undefined;
  state: PositionState;
  private tail: TailEntry[] = [];
  readonly multiplier: Decimal;

  constructor(multiplier: Decimal, checkpoint?: Checkpoint) {
    this.multiplier = multiplier;
    this.checkpoint = checkpoint;
    this.state = checkpoint?.state ?? EMPTY_POSITION;
  }

  /** Takes a fill, or its newer version. Returns false when it lies before the checkpoint: fold all fills anew then. */
  put(fill: PositionFill): boolean {
    if (this.checkpoint !== undefined && compareKeys(fill, this.checkpoint.key) <= 0) return false;
    const index = this.indexOf(fill);
    const isKnown = this.tail[index]?.fill.fillId === fill.fillId;
    const before = this.tail[index]?.before ?? this.state;
    this.tail.splice(index, isKnown ? 1 : 0, { fill, before });
    this.foldFrom(index, before);
    if (this.tail.length > TAIL_MAX) this.moveCheckpoint();
    return true;
  }

  /** First place whose fill is not before `key`. */
  private indexOf(key: FillKey): number {
    let low = 0;
    let high = this.tail.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.tail[middle];
      if (entry !== undefined && compareKeys(entry.fill, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private foldFrom(index: number, start: PositionState): void {
    let state = start;
    for (const entry of this.tail.slice(index)) {
      entry.before = state;
      state = foldFill(state, entry.fill, this.multiplier);
    }
    this.state = state;
  }

  private moveCheckpoint(): void {
    const dropped = this.tail.splice(0, TAIL_MAX / 2);
    const last = dropped.at(-1);
    const next = this.tail[0];
    if (last === undefined || next === undefined) return;
    this.checkpoint = { state: next.before, key: keyOf(last.fill) };
  }
}
