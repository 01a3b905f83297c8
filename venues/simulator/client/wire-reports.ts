import { stampSettlement } from '../../../domain/calendar/settlement-dates';
import type { ExecutionReport } from '../../../domain/order/execution-report';
import type { ReceivedReport, ReportAddress } from '../../venue-port';
import { SIMULATOR_VENUE, type WireReport } from '../protocol';

/** What we ask the venue to give back on each report: the address of the order, so that it cannot be lost. */
export function clientRefOf({ orderId, workflowId, settlement }: ReportAddress): string {
  return JSON.stringify({ orderId, workflowId, ...(settlement !== undefined && { settlement }) });
}

/** The address that a report carries; undefined when it is not one of ours. */
export function addressOfRef(clientRef: string | undefined): ReportAddress | undefined {
  if (clientRef === undefined || !clientRef.startsWith('{')) return undefined;
  try {
    const { orderId, workflowId, settlement } = JSON.parse(clientRef) as Partial<ReportAddress>;
    if (typeof orderId !== 'string' || typeof workflowId !== 'string') return undefined;
    return { orderId, workflowId, ...(settlement !== undefined && { settlement }) };
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined;
    throw fault;
  }
}

/**
 * A report of the venue in our terms. Fills get their trade and settlement dates here, where the venue's market and
 * the order's settlement policy are both known; `known` is the address that we remember for its ClOrdID.
 */
export function toReceivedReport(wire: WireReport, known?: ReportAddress): ReceivedReport {
  const address = addressOfRef(wire.clientRef) ?? known;
  const {
    seq: _seq,
    clientRef: _ref,
    symbol: _symbol,
    side: _side,
    cumQty: _cum,
    leavesQty: _leaves,
    ...rest
  } = wire;
  const report: ExecutionReport = { venue: SIMULATOR_VENUE, orderId: address?.orderId ?? '', ...rest };
  if (address === undefined) return { report };
  const policy = address.settlement ?? { mode: 'calendar' };
  return { report: stampSettlement(report, SIMULATOR_VENUE, policy), address };
}
