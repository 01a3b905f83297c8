import { reportKey } from '../../domain/order/report-identity';
import type { ExecutionReport } from '../../domain/order/execution-report';

export const CORRECTION_WORKFLOW_TYPE = 'correction';

/** Argument of the `correction` workflow. Its reports come with the signal `executionReport`. */
export interface CorrectionInput {
  orderId: string;
  /** The order's own workflow, which has closed. */
  orderWorkflowId: string;
}

/** `correction:<venue>:<execId>` of the first report that it takes; one without an ExecID is named by its request. */
export function correctionIdOf(report: ExecutionReport): string {
  return `correction:${report.venue}:${reportKey(report)}`;
}
