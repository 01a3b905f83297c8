import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { executionReportSignal, triggerSignal } from '../../workflows/order-entry/order-messages';
import type { SignalReports } from './report-signaller';
import type { SignalTrigger } from './trigger-outbox';

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

/** Tells an order workflow over Temporal what the watch of the market saw. */
export function createTriggerSignals(client: Client): SignalTrigger {
  return async (workflowId, message) => {
    try {
      await client.workflow.getHandle(workflowId).signal(triggerSignal, message);
      return 'delivered';
    } catch (fault) {
      if (fault instanceof WorkflowNotFoundError) return 'noWorkflow';
      throw fault;
    }
  };
}
