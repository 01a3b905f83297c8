import { GATEWAY } from '../../start/children';
import { rollProcess, type RollOptions, type RollResult } from '../rolls/roll-process';

/**
 * Replaces the gateway of the venue XSIM by a process started from `code`: it starts and stands by, the old one
 * finishes its sends and gives the venue session back, and the new one takes it. Sends that come meanwhile wait on
 * their task queue. Resolves when the new process owns the session. Throws RollUnansweredError.
 */
export function rollGateway(options: RollOptions): Promise<RollResult> {
  return rollProcess(GATEWAY.name, options);
}
