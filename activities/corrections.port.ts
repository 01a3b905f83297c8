import type { ExecutionReport } from '../domain/order/execution-report';
import type { OrderState } from '../domain/order/order-types';
import type { RecordOrderInput } from './reporting/reporting.port';
import type { SettleFillsInput } from './settlement/settlement.port';

export interface ReadOrderInput {
  orderId: string;
}
export type ReadOrderResult =
  /** The fold of the whole event log, packed (see domain/order/packed-state.ts). */
  { outcome: 'found'; state: OrderState } | { outcome: 'absent' };

export interface RecordCorrectionInput {
  record: RecordOrderInput;
  /** Settlements that the events name. */
  settle?: SettleFillsInput;
}
/** `stale`: another writer continued the order first, so that it has to be read and decided anew. */
export type RecordCorrectionResult = { outcome: 'recorded' | 'stale' };

export interface SetAsideInput {
  orderId: string;
  workflowId: string;
  reports: ExecutionReport[];
  at: string;
}

/** What continues an order whose workflow has closed. */
export interface CorrectionActivities {
  /** The order as its event log tells it. Throws, retryably, while MongoDB is away; and when the log has a gap. */
  readOrder(input: ReadOrderInput): Promise<ReadOrderResult>;
  /**
   * Appends the events to the log, unless one of their places is taken, and books the settlements with them; then
   * updates the views. Idempotent: the same events again are recorded once.
   */
  recordCorrection(input: RecordCorrectionInput): Promise<RecordCorrectionResult>;
  /** Keeps reports of an order that we do not know where people look for them. Idempotent by report. */
  setAsideReports(input: SetAsideInput): Promise<void>;
}
