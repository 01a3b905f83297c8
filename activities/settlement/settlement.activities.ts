import type { Db } from 'mongodb';
import { decimal } from '../../domain/money/decimal';
import { postingsOfSettlement } from '../../domain/settlement/fills-to-settle';
import { assertMongoUp, isMongoUnavailable, noteUnavailable } from '../../storage/availability';
import { collection, ledgerRecord, type LedgerRecord } from '../../storage/collections';
import { toStored, type Stored } from '../../storage/decimal128';
import { GroupCommit, UNHURRIED_MS } from '../../storage/group-commit';
import { insertNew } from '../../storage/insert-new';
import type { SettleFillsInput, SettlementActivities } from './settlement.port';
import type { Posting } from '../../domain/money/ledger';

const ORDERS_PER_WRITE_MAX = 100;
const ORDERS_WAITING_MAX = 5_000;

type StoredPosting = Stored<LedgerRecord> & { _id: string };

/**
 * Books settlements in the ledger. Orders that settle at the same time share one insert, which is durable on a majority
 * before anyone is answered; a posting that exists is left as it is. Throws at once while MongoDB is down.
 */
export function createSettlementActivities({ db }: { db: Db }): SettlementActivities {
  const ledger = collection<LedgerRecord>(db, 'ledger');
  const desk = new GroupCommit<StoredPosting[], void>({
    commit: async (orders) => {
      assertMongoUp(db);
      try {
        await insertNew(ledger, orders.flat());
      } catch (fault) {
        if (isMongoUnavailable(fault)) noteUnavailable(db.client, fault);
        throw fault;
      }
      return orders.map(() => undefined);
    },
    batchMax: ORDERS_PER_WRITE_MAX,
    queueMax: ORDERS_WAITING_MAX,
    everyMsMin: UNHURRIED_MS,
    isForeign: isMongoUnavailable,
  });
  return {
    async settleFills(input) {
      const postings = postingsToSettle(input).map((posting) => toStored(ledgerRecord(posting)));
      if (postings.length > 0) await desk.submit(postings);
    },
  };
}

/** What `settleFills` books, for whoever writes it together with something else. Throws for a multiplier that is no decimal. */
export function postingsToSettle(input: SettleFillsInput): Posting[] {
  return postingsOfSettlement({ ...input, multiplier: decimal(input.multiplier) });
}
