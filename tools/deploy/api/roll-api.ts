import { rollProcess, type RollOptions, type RollResult } from '../rolls/roll-process';

/**
 * Replaces the workers of a running API by ones started from `code`: new ones start and become ready beside the old
 * ones, then take all new connections, and the old ones finish what they have. Resolves when nothing is in flight on
 * an old one; idle connections of clients may hold those open for 65 s more. Throws RollUnansweredError.
 */
export function rollApi(options: RollOptions): Promise<RollResult> {
  return rollProcess('api', options);
}
