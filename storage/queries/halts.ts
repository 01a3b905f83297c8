import type { Db } from 'mongodb';
import { collection, type HaltDoc } from '../collections';
import { DECIDES } from '../write-concern';
import type { HaltScope } from '../../domain/risk/halts';

export interface HaltChange {
  scope: HaltScope;
  /** Account, venue or symbol; any name for the firm. */
  id: string;
  halted: boolean;
  /** The person who decided it. */
  by: string;
  reason: string;
  /** ISO 8601 UTC. */
  at: string;
}

/**
 * Stops or resumes trading. Setting what is set already only renews by, reason and time. Risk obeys within
 * CONTROLS_AGE_MS_MAX of activities/risk.
 */
export async function setHalt(db: Db, change: HaltChange): Promise<HaltDoc> {
  const halt = haltDocOf(change);
  await collection<HaltDoc>(db, 'halts').replaceOne({ _id: halt._id }, halt, {
    upsert: true,
    writeConcern: DECIDES,
  });
  return halt;
}

export function haltDocOf({ scope, id, halted, by, reason, at }: HaltChange): HaltDoc {
  return { _id: `${scope}:${id}`, scope, id, halted, by, reason, at };
}

/** Every halt that was ever set, resumed ones included. */
export async function listHalts(db: Db): Promise<HaltDoc[]> {
  return await collection<HaltDoc>(db, 'halts').find().sort({ _id: 1 }).toArray();
}
