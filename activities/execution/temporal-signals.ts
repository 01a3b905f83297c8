import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { executionReportSignal } from '../../workflows/order-entry/order-messages';
import type { SignalReports } from './report-signaller';

/** Signals order workflows over Temporal. */
export function createReportSignals(client: Client): SignalReports {
  return async (workflowId, reports) => {
    const [single] = reports;
    try {
      const argument = reports.length === 1 && single !== undefined ? single : reports;
      await client.workflow.getHandle(workflowId).signal(executionReportSignal, argument);
      return 'delivered';
    } catch (fault) {
      if (fault instanceof WorkflowNotFoundError) return 'noWorkflow';
      throw fault;
    }
  };
}
