import { MongoBulkWriteError, type Collection, type OptionalUnlessRequiredId } from 'mongodb';
import { MongoUnavailableError } from './availability';
import { withDeadline } from './deadline';
import { DECIDES } from './write-concern';

const DUPLICATE_KEY = 11_000;

/**
 * Inserts, in one message, those of `documents` whose id is not taken yet, durably on a majority. Returns the indexes
 * of the others, which are left as they are: inserting again is inserting once. Throws every other fault, and
 * MongoUnavailableError when the connection was lost or no answer came in time.
 */
export async function insertNew<T extends { _id: string }>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<ReadonlySet<number>> {
  if (documents.length === 0) return new Set();
  try {
    await withDeadline(
      collection.insertMany(documents as OptionalUnlessRequiredId<T>[], {
        ordered: false,
        writeConcern: DECIDES,
      }),
    );
    return new Set();
  } catch (fault) {
    const taken = takenIndexes(fault);
    if (taken === undefined) throw isLostConnection(fault) ? new MongoUnavailableError(fault) : fault;
    return taken;
  }
}

/** Indexes of the documents that existed, or undefined when the fault is about anything else as well. */
function takenIndexes(fault: unknown): ReadonlySet<number> | undefined {
  if (!(fault instanceof MongoBulkWriteError)) return undefined;
  const errors = [fault.writeErrors].flat();
  const isOther = errors.some(({ code }) => code !== DUPLICATE_KEY);
  if (errors.length === 0 || isOther || fault.result.getWriteConcernError() !== undefined) return undefined;
  return new Set(errors.map(({ index }) => index));
}

/** The driver wraps what went wrong on the way into a bulk fault that carries no answer of the server at all. */
function isLostConnection(fault: unknown): boolean {
  return (
    fault instanceof MongoBulkWriteError &&
    fault.code === undefined &&
    [fault.writeErrors].flat().length === 0
  );
}
