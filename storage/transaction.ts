import { MongoBulkWriteError, MongoClientBulkWriteError, MongoError } from 'mongodb';
import type { ClientSession, Db, TransactionOptions } from 'mongodb';
import { isMongoUnavailable, noteUnavailable } from './availability';

const DUPLICATE_KEY = 11_000;
const WRITE_CONFLICT = 112;
const NO_SUCH_TRANSACTION = 251;
/** A commit whose answer was lost is asked for again; committing twice is committing once. */
const COMMIT_ATTEMPTS_MAX = 2;

/** What `work` returns to undo what it wrote: the basis of its decision was no longer current. */
export const STALE = Symbol('stale');

/**
 * Runs `work` in one transaction (READ_AND_DECIDE or WRITE_GUARDED of write-concern). When `work` returns STALE, everything is rolled back. Throws on any fault, with nothing written – except that after a lost connection
 * during the commit nobody knows, so callers must be able to repeat the whole step.
 */
export async function inTransaction<T>(
  db: Db,
  options: TransactionOptions,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const session = db.client.startSession({ causalConsistency: false });
  try {
    session.startTransaction(options);
    const result = await work(session);
    if (result === STALE) await session.abortTransaction();
    else await commit(session);
    return result;
  } catch (fault) {
    if (isMongoUnavailable(fault)) noteUnavailable(db.client, fault);
    else if (session.inTransaction()) await abortQuietly(session);
    throw fault;
  } finally {
    await session.endSession();
  }
}

async function commit(session: ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (fault) {
      const unclear = fault instanceof MongoError && fault.hasErrorLabel('UnknownTransactionCommitResult');
      if (!unclear || attempt >= COMMIT_ATTEMPTS_MAX) throw fault;
    }
  }
}

/** The first fault is the one to report; the server forgets an unfinished transaction by itself. */
async function abortQuietly(session: ClientSession): Promise<void> {
  try {
    await session.abortTransaction();
  } catch (fault) {
    if (!(fault instanceof MongoError)) throw fault;
  }
}

/** Every server code in `fault`, those of single writes of a bulk included. */
function codesOf(fault: unknown): unknown[] {
  if (fault instanceof MongoClientBulkWriteError) {
    return [fault.code, ...[...fault.writeErrors.values()].map(({ code }) => code), ...causeCodes(fault)];
  }
  if (fault instanceof MongoBulkWriteError) {
    const errors = [fault.writeErrors].flat();
    return [fault.code, ...errors.map(({ code }) => code)];
  }
  return fault instanceof MongoError ? [fault.code] : [];
}

function causeCodes(fault: Error): unknown[] {
  return fault.cause instanceof MongoError ? [fault.cause.code] : [];
}

/** True when a document with that id exists already. */
export function isDuplicateKey(fault: unknown): boolean {
  return codesOf(fault).includes(DUPLICATE_KEY);
}

/** True when another writer was faster, so that the whole transaction may be tried again at once. */
export function isConflict(fault: unknown): boolean {
  const codes = codesOf(fault);
  if (codes.includes(WRITE_CONFLICT) || codes.includes(NO_SUCH_TRANSACTION)) return true;
  if (isMongoUnavailable(fault) || !(fault instanceof MongoError)) return false;
  const causes = [fault, fault.cause].filter((cause) => cause instanceof MongoError);
  return causes.some((cause) => cause.hasErrorLabel('TransientTransactionError'));
}
