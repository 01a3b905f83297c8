import { createReportSignals } from '../../activities/execution/temporal-signals';
import { withOrder, type Harness } from './order-harness';
import { fillOf, reportOf } from './scripted-activities';
import type { WorkflowHandle } from '@temporalio/client';

/** One path through the correction workflow; its history is what the replay gate keeps. */
export interface CorrectionScenario {
  path: string;
  play: (harness: Harness, after: (correction: WorkflowHandle) => Promise<void>) => Promise<void>;
}

/** Corrections of orders that have closed; a new way through the workflow gets a line here and a stored history. */
export const CORRECTION_SCENARIOS: readonly CorrectionScenario[] = [
  {
    path: 'busted-after-settlement',
    play: async (harness, after) => {
      const script = {
        route: (order: { orderId: string; clOrdId: string }) => ({
          outcome: 'sent' as const,
          reports: [
            reportOf('accepted', order.orderId, order.clOrdId),
            fillOf(order.orderId, order.clOrdId, '100', '182.4', 200),
          ],
        }),
      };
      await withOrder(harness, script, {}, async (order) => {
        await order.handle.result();
        const fill = order.witness.records.flatMap(({ fills }) => fills)[0];
        const bust = reportOf('bust', order.orderId, `${order.orderId}-1`, {
          execRefId: fill?.execId ?? '',
          settlementDate: '2026-01-08',
          settleAt: new Date(Date.now() + 500).toISOString(),
        });
        const rest = reportOf('cancelled', order.orderId, `${order.orderId}-1`);
        await createReportSignals(harness.client, order.taskQueue)(order.handle.workflowId, [bust, rest]);
        const correction = harness.client.workflow.getHandle(`correction:XSIM:${bust.execId ?? ''}`);
        await correction.result();
        await after(correction);
      });
    },
  },
];
