import { stampSettlement } from '../../../domain/calendar/settlement-dates';
import type { ExecutionReport } from '../../../domain/order/execution-report';
import type { ReceivedReport, ReportAddress } from '../../venue-port';
import { SIMULATOR_VENUE, type WireReport } from '../protocol';

/** Marks what is ours among the orders of all who trade at the venue. */
const REF_PREFIX = 'steadfill:';

/** What we ask the venue to give back on each report: the address of the order, so that it cannot be lost. */
export function clientRefOf({ orderId, workflowId, settlement }: ReportAddress): string {
  return (
    REF_PREFIX + JSON.stringify({ orderId, workflowId, ...(settlement !== undefined && { settlement }) })
  );
}

/** False for reports about orders that somebody else entered: we put our mark on all that we send. */
export function isOurs({ clientRef }: WireReport): boolean {
  return clientRef?.startsWith(REF_PREFIX) === true;
}

/** The address that a report carries; undefined when it cannot be read. */
export function addressOfRef(clientRef: string | undefined): ReportAddress | undefined {
  if (clientRef?.startsWith(REF_PREFIX) !== true) return undefined;
  try {
    const text = clientRef.slice(REF_PREFIX.length);
    const { orderId, workflowId, settlement } = JSON.parse(text) as Partial<ReportAddress>;
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
  const given = addressOfRef(wire.clientRef);
  // What the venue gives back names the order for sure; the trace is only in what we remember.
  const address = given === undefined ? known : { ...known, ...given };
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
