import { problem, type Problem } from '../http/problem';
import type { CallFault } from './call-fault';

/** The problem for a call about an order that exists, where the fault says nothing about the order itself. */
export function requestProblem(fault: CallFault): Problem {
  switch (fault.kind) {
    case 'neverSent':
      return problem('SERVICE_UNAVAILABLE', { detail: 'Temporal is not reachable; nothing was sent.' });
    case 'exhausted':
      return problem('OVERLOADED');
    case 'invalid':
      return problem('INTERNAL_ERROR', { detail: 'Temporal refused the call; nothing was sent.' });
    case 'notFound':
      return problem('NOT_FOUND');
    case 'closed':
    case 'refused':
    case 'unknown':
      return problem('REQUEST_OUTCOME_UNKNOWN');
  }
}
