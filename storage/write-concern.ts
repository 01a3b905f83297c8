import type { TransactionOptions, WriteConcernSettings } from 'mongodb';

/** For every write that decides something: acknowledged only once it is in the journal of a majority. */
export const DECIDES = { w: 'majority', j: true } as const satisfies WriteConcernSettings;

/** For transactions that read before they write: everything is read from one snapshot. */
export const READ_AND_DECIDE: TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: DECIDES,
};

/**
 * For transactions that write at once, on guards instead of reads. They name no read concern, because not every
 * server takes one on a write to many collections.
 */
export const WRITE_GUARDED: TransactionOptions = { writeConcern: DECIDES };
