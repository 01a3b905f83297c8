import { isDeepStrictEqual } from 'node:util';
import type { Db } from 'mongodb';
import { decimal } from '../domain/money/decimal';
import { foldOrder } from '../domain/order/evolve';
import { packState } from '../domain/order/packed-state';
import { reportKey } from '../domain/order/report-identity';
import { upcastEvent } from '../domain/order/upcast-event';
import { postingsOfSettlement } from '../domain/settlement/fills-to-settle';
import { assertMongoUp } from '../storage/availability';
import { collection, COLLECTIONS, ledgerRecord, type OrderEventRecord } from '../storage/collections';
import { orderEventId, orderLogOf } from '../storage/keys';
import { fromStored, toStored } from '../storage/decimal128';
import { inTransaction, isConflict, STALE } from '../storage/transaction';
import { READ_AND_DECIDE } from '../storage/write-concern';
import { writeAll, type Write } from '../storage/write-all';
import type { OrderEvent, StoredOrderEvent } from '../domain/order/order-events';
import type { Logger } from '../observability/logger';
import type {
  CorrectionActivities,
  RecordCorrectionInput,
  RecordCorrectionResult,
  SetAsideInput,
} from './corrections.port';
import type { ReportingActivities } from './reporting/reporting.port';

const ATTEMPTS_MAX = 8;

export interface CorrectionDependencies {
  db: Db;
  reporting: ReportingActivities;
  logger: Logger;
}

/** What continues an order whose workflow has closed, on its event log in MongoDB. */
export function createCorrectionActivities(dependencies: CorrectionDependencies): CorrectionActivities {
  const { db, reporting } = dependencies;
  return {
    async readOrder({ orderId }) {
      assertMongoUp(db);
      const events = await readLog(db, orderId);
      if (events.length === 0) return { outcome: 'absent' };
      return { outcome: 'found', state: packState(foldOrder(events)) };
    },
    async recordCorrection(input) {
      const outcome = await claim(db, input);
      if (outcome === 'recorded') await reporting.recordOrder(input.record);
      return { outcome };
    },
    setAsideReports: (input) => setAside(dependencies, input),
  };
}

async function readLog(db: Db, orderId: string): Promise<OrderEvent[]> {
  const range = orderLogOf(orderId);
  const stored = await collection<OrderEventRecord>(db, 'orderEvents').find(range).sort({ _id: 1 }).toArray();
  return stored.map((document) => toEvent(fromStored<OrderEventRecord>(document)));
}

function toEvent({ _id, ...event }: OrderEventRecord): OrderEvent {
  return upcastEvent(event as StoredOrderEvent);
}

/**
 * Takes the places of these events in the log, all or none, and books their settlements in the same transaction. The
 * place (orderId, seq) is unique, so of two that continue one order at a time, one is first and the other looks again.
 */
async function claim(db: Db, input: RecordCorrectionInput): Promise<RecordCorrectionResult['outcome']> {
  for (let attempt = 1; ; attempt += 1) {
    assertMongoUp(db);
    try {
      return await tryClaim(db, input);
    } catch (fault) {
      if (!isConflict(fault) || attempt >= ATTEMPTS_MAX) throw fault;
    }
  }
}

async function tryClaim(
  db: Db,
  { record, settle }: RecordCorrectionInput,
): Promise<RecordCorrectionResult['outcome']> {
  const wanted = new Map(record.events.map((event) => [orderEventId(event.orderId, event.seq), event]));
  const outcome = await inTransaction(db, READ_AND_DECIDE, async (session) => {
    const stored = await collection<OrderEventRecord>(db, 'orderEvents')
      .find({ _id: { $in: [...wanted.keys()] } }, { session })
      .toArray();
    if (stored.length > 0) {
      const isOurs = stored.every((document) => {
        const event = toEvent(fromStored<OrderEventRecord>(document));
        return isDeepStrictEqual(plain(event), plain(wanted.get(document._id)));
      });
      return isOurs && stored.length === wanted.size ? ('recorded' as const) : ('stale' as const);
    }
    const events = [...wanted].map(([id, event]): Write => ({
      kind: 'insert',
      into: 'orderEvents',
      document: { _id: id, ...toStored(event) },
    }));
    return (await writeAll(db, session, [...events, ...settlementWrites(settle)])) === STALE
      ? STALE
      : ('recorded' as const);
  });
  return outcome === STALE ? 'stale' : outcome;
}

function settlementWrites(settle: RecordCorrectionInput['settle']): Write[] {
  if (settle === undefined) return [];
  const postings = postingsOfSettlement({ ...settle, multiplier: decimal(settle.multiplier) });
  return postings.map((posting) => ({
    kind: 'append',
    into: 'ledger',
    document: toStored(ledgerRecord(posting)),
  }));
}

/** As JSON: absent fields and the order of keys do not count. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

async function setAside({ db, logger }: CorrectionDependencies, input: SetAsideInput): Promise<void> {
  assertMongoUp(db);
  const { orderId, workflowId, reports, at } = input;
  const writes = reports.map((report) => ({
    updateOne: {
      filter: { _id: `${report.venue}:${reportKey(report)}` },
      update: { $setOnInsert: { report, address: { orderId, workflowId }, reason: 'noOrder', at } },
      upsert: true,
    },
  }));
  await db
    .collection<{ _id: string }>(COLLECTIONS.unmatchedReports)
    .bulkWrite(writes, { ordered: false, writeConcern: { w: 'majority', j: true } });
  for (const { kind, execId, clOrdId } of reports) {
    const about = { reason: 'noOrder', kind, execId, clOrdId, orderId, workflowId };
    logger.error('An execution report has no order', about);
  }
}
