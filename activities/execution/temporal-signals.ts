import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { executionReportSignal, triggerSignal } from '../../workflows/order-entry/order-messages';
import {
  CORRECTION_WORKFLOW_TYPE,
  correctionIdOf,
  type CorrectionInput,
} from '../../workflows/execution/correction-messages';
import type { ExecutionReport } from '../../domain/order/execution-report';
import type { SignalOutcome, SignalReports } from './report-signaller';
import type { SignalTrigger } from './trigger-outbox';

/**
 * Signals order workflows over Temporal. Reports of an order whose workflow has closed go to a `correction` workflow,
 * which continues the order; `ordersTaskQueue` is where those run.
 */
export function createReportSignals(client: Client, ordersTaskQueue: string): SignalReports {
  return async (workflowId, reports) => {
    const [single] = reports;
    try {
      const argument = reports.length === 1 && single !== undefined ? single : reports;
      await client.workflow.getHandle(workflowId).signal(executionReportSignal, argument);
      return 'delivered';
    } catch (fault) {
      if (fault instanceof WorkflowNotFoundError) return await correct(workflowId, reports);
      throw fault;
    }
  };

  /**
   * Starts the correction that is named by the first report, or joins it. After it closed the same name may be used
   * again: reports that come again are known by the order's own dedupe keys, and none that is new can be lost.
   */
  async function correct(orderWorkflowId: string, reports: ExecutionReport[]): Promise<SignalOutcome> {
    const [first] = reports;
    if (first === undefined || first.orderId === '') return 'noWorkflow';
    const input: CorrectionInput = { orderId: first.orderId, orderWorkflowId };
    await client.workflow.signalWithStart(CORRECTION_WORKFLOW_TYPE, {
      workflowId: correctionIdOf(first),
      taskQueue: ordersTaskQueue,
      args: [input],
      signal: executionReportSignal,
      signalArgs: [reports],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    return 'correction';
  }
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
