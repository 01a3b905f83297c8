import { compare } from '../money/decimal';
import type { ErrorCode } from '../errors/error-codes';
import { accept, refuseRepeat } from './decision';
import { applyReport, termsOf } from './evolve-report';
import type { ExecutionReport } from './execution-report';
import { findFill } from './fill-ledger';
import { transitionOfReport } from './lifecycle';
import type { Decision } from './order-commands';
import type { OrderEventBody } from './order-events';
import { orderQuantities } from './order-quantities';
import type { OrderState } from './order-types';
import { formReport } from './report-form';
import { recognise } from './report-identity';
import { chainNumber, pendingRequest } from './request-chain';

/**
 * What follows from a venue report. Only a true repeat is refused; everything else is recorded: what has the form of
 * a report of this order as applied, with an anomaly beside it when it breaks a rule, and the rest as an anomaly that
 * carries it. So nothing that a venue says is ever lost.
 */
export function decideReport(state: OrderState, given: ExecutionReport): Decision {
  // A signal can carry anything at all.
  if (typeof given !== 'object' || given === null) {
    return accept(anomaly('MALFORMED_REPORT', 'The report is not an object.'));
  }
  const formed = formReport(given);
  const report = 'report' in formed ? formed.report : given;
  const recognised = recognise(state.seenReports, report);
  if (recognised === 'repeat') return refuseRepeat('DUPLICATE_REPORT');
  if (recognised === 'conflict') {
    return accept(
      anomaly('REPORT_CONTENT_CONFLICT', `execId=${report.execId ?? '-'} kind=${report.kind}`, report),
    );
  }
  if ('problem' in formed) return accept(anomaly('MALFORMED_REPORT', formed.problem, report));
  if (report.orderId && report.orderId !== state.orderId) {
    return accept(anomaly('MISADDRESSED_REPORT', `orderId=${report.orderId}`, report));
  }
  return accept({ type: 'reportApplied', report }, ...alarmsOf(state, report));
}

function anomaly(code: ErrorCode, message: string, report?: ExecutionReport): OrderEventBody {
  return { type: 'anomalyRaised', code, message, ...(report !== undefined && { report }) };
}

/** Everything about a report that people should look at. The report itself is recorded in any case. */
function alarmsOf(state: OrderState, report: ExecutionReport): OrderEventBody[] {
  const alarms: OrderEventBody[] = [];
  const name = `kind=${report.kind} execId=${report.execId ?? '-'} clOrdId=${report.clOrdId}`;
  const { alarm } = transitionOfReport(state, report);
  if (alarm !== undefined)
    alarms.push(anomaly('INVALID_TRANSITION', `${alarm} ${name} state=${state.state}`));
  else if (isUnaskedAnswer(state, report)) {
    alarms.push(anomaly('INVALID_TRANSITION', `The venue answered a request that was not made. ${name}`));
  }
  const reference = referenceProblem(state, report);
  if (reference !== undefined) alarms.push(anomaly('UNKNOWN_EXECUTION_REFERENCE', `${reference} ${name}`));
  const before = orderQuantities(state).overfillQty;
  const after = orderQuantities(applyReport(state, report)).overfillQty;
  if (compare(after, before) > 0) alarms.push(anomaly('OVERFILL', `overfillQty=${after} ${name}`));
  return alarms;
}

/**
 * True for an answer to a request that this order never made. Answers to earlier requests of its chain may come
 * late or again, and a replacement that names its terms may be the venue's own act (FIX E.1.c).
 */
function isUnaskedAnswer(state: OrderState, report: ExecutionReport): boolean {
  switch (report.kind) {
    case 'pendingCancel':
    case 'pendingReplace':
    case 'cancelRejected':
    case 'replaceRejected':
    case 'replaced': {
      if (pendingRequest(state, report.clOrdId) !== undefined) return false;
      const number = chainNumber(state, report.clOrdId);
      // The first of the chain is the order itself, which no answer can be about.
      if (number !== undefined && number > 1) return false;
      const namesTerms = report.kind === 'replaced' && Object.keys(termsOf(report)).length > 0;
      return !(namesTerms && number === 1);
    }
    default:
      return false;
  }
}

function referenceProblem(state: OrderState, report: ExecutionReport): string | undefined {
  if (report.kind !== 'bust' && report.kind !== 'correct') return undefined;
  const fill = findFill(state.fills, report.execRefId);
  const reference = `execRefId=${report.execRefId ?? '-'}`;
  if (fill === undefined) return `No execution has the id ${reference}; the report waits for it.`;
  if (fill.lastExecId !== report.execRefId) return `The id is not the last of its chain: ${reference}.`;
  return fill.status === 'busted' ? `The execution was busted before: ${reference}.` : undefined;
}
