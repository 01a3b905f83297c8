import type { Collection, Db } from 'mongodb';
import { collection, type HaltDoc } from '../../storage/collections';
import { withDeadline } from '../../storage/deadline';
import { fromStored, toStored, type Stored } from '../../storage/decimal128';
import type { TriggerRecord } from '../../storage/trigger-record';
import { DECIDES } from '../../storage/write-concern';
import type { ActiveHalt } from '../../domain/risk/halts';

/** Writers' clocks and the order in which writes become visible may differ by this much. */
const OVERLAP_MS = 5_000;
/** Orders of one venue that may wait at once; far more than one process should watch. */
const TRIGGERS_MAX = 100_000;
const READ_MS_MAX = 10_000;

type StoredTrigger = Stored<TriggerRecord> & { _id: string; changedAt?: Date };

/** What the watch learned about one order, to be kept. `version` is that of the terms it was learned for. */
export interface TriggerMark {
  orderId: string;
  version: number;
  watched?: NonNullable<TriggerRecord['watched']>;
  fired?: NonNullable<TriggerRecord['fired']>;
}

/** The watch's side of the triggers in MongoDB. Everything throws while MongoDB cannot be reached. */
export class TriggerRegistry {
  private readonly db: Db;
  private readonly venue: string;
  private readMs: number | undefined;

  constructor(db: Db, venue: string) {
    this.db = db;
    this.venue = venue;
  }

  /** First every armed trigger of the venue, later what changed since; some of it comes more than once. */
  async read(): Promise<TriggerRecord[]> {
    // By the clock of the server, which stamps the changes.
    const { localTime } = await withDeadline(this.db.command({ hello: 1 }));
    const filter =
      this.readMs === undefined
        ? { isArmed: true, 'terms.venue': this.venue }
        : { changedAt: { $gte: new Date(this.readMs - OVERLAP_MS) }, 'terms.venue': this.venue };
    const found = await withDeadline(
      this.triggers
        .find(filter as Record<string, unknown>)
        .limit(TRIGGERS_MAX)
        .toArray(),
      READ_MS_MAX,
    );
    this.readMs = (localTime as Date).getTime();
    return found.map(({ changedAt: _changedAt, ...stored }) => fromStored<TriggerRecord>(stored as never));
  }

  async halts(): Promise<ActiveHalt[]> {
    const halts = collection<HaltDoc>(this.db, 'halts');
    return await withDeadline(halts.find({ halted: true }).toArray());
  }

  /** Keeps what is still about the terms that the order has. */
  async save(marks: readonly TriggerMark[]): Promise<void> {
    if (marks.length === 0) return;
    const writes = marks.map(({ orderId, version, watched, fired }) => ({
      updateOne: {
        filter: { _id: orderId, 'terms.version': version } as Record<string, unknown>,
        update: {
          $set: toStored({ ...(watched && { watched }), ...(fired && { fired }) }),
        } as Record<string, unknown>,
      },
    }));
    await withDeadline(this.triggers.bulkWrite(writes, { ordered: false, writeConcern: DECIDES }));
  }

  private get triggers(): Collection<StoredTrigger> {
    return collection<TriggerRecord>(this.db, 'triggers') as unknown as Collection<StoredTrigger>;
  }
}
