import type { Db } from 'mongodb';
import { assertMongoUp } from '../../storage/availability';
import { collection, type IdentityDoc, type ExposureRecord } from '../../storage/collections';
import { withDeadline } from '../../storage/deadline';
import { LruMap } from '../../storage/lru-map';
import type { ComingOrder } from './risk.port';

const COMING_MAX = 1_000;
/** Until then the desk surely remembers each exposure that it changed since. */
const AGE_MS_MAX = 5_000;

interface Look {
  /** Of the desk, when the look began. */
  memory: object;
  begunAtMs: number;
  isNew: Promise<boolean>;
}

/**
 * Orders of one account that were seen to be new while they were on their way here: nobody owned their pair, and they had
 * no exposure. What was seen holds for as long as the desk remembers the account without a break from before it looked:
 * another process that admits the order or gives it an exposure changes the account's version, and the guard of our
 * write fails. What this process does meanwhile the desk remembers. Order entry registers a pair without a change of
 * the account when validation denies the order; that two runs want a pair at a time Temporal rules out.
 */
export class ComingOrders {
  private readonly looks = new LruMap<Look>(COMING_MAX);
  private readonly db: Db;
  private readonly nowMs: () => number;

  /** `nowMs`: a clock that goes forward, in milliseconds; tests replace it. */
  constructor(db: Db, nowMs: () => number = () => performance.now()) {
    this.db = db;
    this.nowMs = nowMs;
  }

  /** Begins to look whether the order is new. `memory`: of the desk, of which it makes another when it reads the account again. */
  look(order: ComingOrder, memory: object): void {
    // Whoever decides proves it by its insert when this fails.
    const isNew = this.lookUp(order).catch(() => false);
    this.looks.set(order.orderId, { memory, begunAtMs: this.nowMs(), isNew });
  }

  /** Whether this order was seen to be new, and that holds still; undefined when nobody looked. A look counts once. */
  take(orderId: string, memory: object): Promise<boolean> | undefined {
    const look = this.looks.get(orderId);
    this.looks.delete(orderId);
    if (look?.memory !== memory || this.nowMs() - look.begunAtMs > AGE_MS_MAX) return undefined;
    return look.isNew;
  }

  /** What was seen of an order before is not to count. */
  forget({ orderId }: ComingOrder): void {
    this.looks.delete(orderId);
  }

  private async lookUp({ orderId, identityId }: ComingOrder): Promise<boolean> {
    assertMongoUp(this.db);
    const one = { projection: { _id: 1 } } as const;
    const [owner, exposure] = await Promise.all([
      collection<IdentityDoc>(this.db, 'orderIdentities').findOne({ _id: identityId }, one),
      collection<ExposureRecord>(this.db, 'orderExposures').findOne({ _id: orderId }, one),
    ]);
    return owner === null && exposure === null;
  }
}

/** Whether all of them are true, and within `msMax` milliseconds; a look that hangs is as good as none. */
export async function allTrueSoon(looks: readonly Promise<boolean>[], msMax: number): Promise<boolean> {
  const seen = await withDeadline(Promise.all(looks), msMax).catch(() => [false]);
  return seen.every((isNew) => isNew);
}
