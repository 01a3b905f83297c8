import { problem, type Problem } from '../http/problem';
import type { CallFault } from '../temporal/call-fault';

/**
 * The answer to a submission that Temporal did not take; undefined for a fault that leaves it open whether it did.
 * `unavailable` says what new submissions need.
 */
export function nothingSent(fault: CallFault, unavailable: string): Problem | undefined {
  switch (fault.kind) {
    case 'exhausted':
      return problem('OVERLOADED');
    case 'neverSent':
      return problem('SERVICE_UNAVAILABLE', { detail: unavailable });
    case 'invalid':
      return problem('INTERNAL_ERROR', { detail: 'Temporal refused the call; nothing was sent.' });
    default:
      return undefined;
  }
}
