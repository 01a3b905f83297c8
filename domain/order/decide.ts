import { assertNever } from '../errors/assert-never';
import { decideHold, decideRelease, decideTrigger } from './decide-hold';
import { decideReport } from './decide-report';
import { decideCancel, decideReplace } from './decide-request';
import { accept, refusalByTable, refuse, refuseRepeat } from './decision';
import type { Decision, OrderCommand } from './order-commands';
import type { OrderState } from './order-types';

/**
 * What follows from a command: events, or a refusal that changes nothing. The transition table decides what is
 * possible in a state; the functions here add what depends on more than the state. Never throws on what people or
 * venues say.
 */
export function decide(state: OrderState, command: OrderCommand): Decision {
  switch (command.type) {
    case 'recordValidated':
      return refusalByTable(state, 'validate') ?? accept({ type: 'orderValidated', terms: command.terms });
    case 'recordDenied': {
      const { rejectedBy, reasons } = command;
      return refusalByTable(state, 'deny') ?? accept({ type: 'orderDenied', rejectedBy, reasons });
    }
    case 'recordReserved': {
      const { riskVersion, limitVersion } = command;
      return refusalByTable(state, 'reserve') ?? accept({ type: 'riskReserved', riskVersion, limitVersion });
    }
    case 'recordRouted':
      return refusalByTable(state, 'route') ?? accept({ type: 'orderRouted', clOrdId: state.clOrdId });
    case 'hold':
      return decideHold(state, command.until);
    case 'release':
      return decideRelease(state, command);
    case 'trigger':
      return decideTrigger(state, command);
    case 'requestCancel':
      return decideCancel(state, command);
    case 'requestReplace':
      return decideReplace(state, command);
    case 'denyRequest':
      return decideDenial(state, command);
    case 'applyReport':
      return decideReport(state, command.report);
    case 'endLocally': {
      const { how, by, reason } = command;
      const ended = { type: 'endedLocally' as const, how, by, ...(reason !== undefined && { reason }) };
      return refusalByTable(state, 'endLocally') ?? accept(ended);
    }
    case 'markUnknown':
      return decideUnknown(state, command.reason);
    case 'resolveUnknown': {
      const { by, evidence, outcome } = command;
      return (
        refusalByTable(state, 'resolveUnknown') ?? accept({ type: 'outcomeResolved', by, evidence, outcome })
      );
    }
    case 'settleFills':
      return decideSettlement(state, command);
    default:
      return assertNever(command);
  }
}

function decideDenial(state: OrderState, command: Extract<OrderCommand, { type: 'denyRequest' }>): Decision {
  if (state.seenRequests.includes(command.requestId)) return refuseRepeat('DUPLICATE_REQUEST');
  const { requestId, by, kind, reasons } = command;
  return (
    refusalByTable(state, 'denyRequest') ?? accept({ type: 'requestDenied', requestId, by, kind, reasons })
  );
}

/** A send whose order the venue has already spoken about is in no doubt, even when its own answer was lost. */
function decideUnknown(state: OrderState, reason: string): Decision {
  const refusal = refusalByTable(state, 'markUnknown');
  if (refusal !== undefined) return refusal;
  if (state.acknowledged) return refuse('INVALID_TRANSITION', 'The venue has acknowledged the order.');
  return accept({ type: 'outcomeUnknown', reason });
}

/** Books fills as settled, each once; one that was busted meanwhile too, because its postings were made. */
function decideSettlement(
  state: OrderState,
  command: Extract<OrderCommand, { type: 'settleFills' }>,
): Decision {
  const foreign = command.fillIds.find((fillId) => !state.fills.some((fill) => fill.fillId === fillId));
  if (foreign !== undefined) return refuse('INVALID_TRANSITION', `The order has no fill ${foreign}.`);
  const fillIds = state.fills
    .filter((fill) => !fill.settled && command.fillIds.includes(fill.fillId))
    .map((fill) => fill.fillId);
  if (fillIds.length === 0) return refuseRepeat('INVALID_TRANSITION');
  const { settlementDate } = command;
  return refusalByTable(state, 'settle') ?? accept({ type: 'fillsSettled', fillIds, settlementDate });
}
