import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Command } from 'commander';
import { CORRECTION_SCENARIOS } from '../../test/support/correction-scenarios';
import { LIST_SCENARIOS, playListScenario } from '../../test/support/list-scenarios';
import { playScenario, SCENARIOS } from '../../test/support/order-scenarios';
import { openHarness } from '../../test/support/temporal-harness';
import { stopTestServers } from '../../test/support/servers';
import { ORDER_WORKFLOW_TYPE } from '../../workflows/order-entry/order-messages';
import { LIST_WORKFLOW_TYPE } from '../../workflows/order-list/list-messages';
import { readManifest, storeHistory } from './manifest';
import type { Client, WorkflowHandle } from '@temporalio/client';

/** Records the history of every scenario, or of those named, that has none yet: `npm run histories -- [--prefix v2]`. */
async function main(): Promise<void> {
  const command = new Command('histories')
    .option('--prefix <name>', 'marks the version of the workflow', 'v1')
    .option('--only <paths...>', 'records these paths alone')
    .parse();
  const { prefix, only } = command.opts<{ prefix: string; only?: string[] }>();
  const isWanted = ({ path }: { path: string }): boolean => only?.includes(path) ?? true;
  const known = new Set((await readManifest()).map((entry) => entry.file));
  const harness = await openHarness();
  try {
    for (const scenario of SCENARIOS.filter(isWanted)) {
      const file = `${prefix}-${scenario.path}.json`;
      if (known.has(file)) continue;
      await playScenario(harness, scenario, async (order) => {
        await storeRuns(harness.client, order.handle, scenario.path, file);
      });
      process.stdout.write(`recorded ${file}\n`);
    }
    for (const scenario of LIST_SCENARIOS.filter(isWanted)) {
      const file = `${prefix}-${scenario.path}.json`;
      if (known.has(file)) continue;
      await playListScenario(harness, scenario, async (list) => {
        await storeRuns(harness.client, list.handle, scenario.path, file, LIST_WORKFLOW_TYPE);
        for (const [leg, path] of scenario.orderPaths.entries())
          await storeRuns(harness.client, list.orderHandle(leg), path, `${prefix}-${path}.json`);
      });
      process.stdout.write(`recorded ${file} and those of its orders\n`);
    }
    for (const { path, play } of CORRECTION_SCENARIOS.filter(isWanted)) {
      const file = `correction-${prefix}-${path}.json`;
      if (known.has(file)) continue;
      await play(harness, async (handle) => {
        const history = toJson(await handle.fetchHistory());
        await storeHistory(
          { workflowType: 'correction', workflowId: handle.workflowId, path, file },
          history,
        );
      });
      process.stdout.write(`recorded ${file}\n`);
    }
  } finally {
    await harness.close();
    await stopTestServers();
  }
}

/** Stores the first run, and the last as well when the order continued as new. */
async function storeRuns(
  client: Client,
  handle: WorkflowHandle,
  path: string,
  file: string,
  workflowType: string = ORDER_WORKFLOW_TYPE,
): Promise<void> {
  const { workflowId } = handle;
  const { runId: lastRunId } = await handle.describe();
  const last = await client.workflow.getHandle(workflowId, lastRunId).fetchHistory();
  const firstRunId =
    last.events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? lastRunId;
  const first = await client.workflow.getHandle(workflowId, firstRunId).fetchHistory();
  const entry = { workflowType, workflowId };
  await storeHistory({ ...entry, path, file }, toJson(first));
  if (firstRunId === lastRunId) return;
  await storeHistory(
    { ...entry, path: `${path}-last-run`, file: file.replace('.json', '-last-run.json') },
    toJson(last),
  );
}

function toJson(history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>): string {
  return `${JSON.stringify(JSON.parse(historyToJSON(history)), null, 1)}\n`;
}

void main().catch((fault: unknown) => {
  process.stderr.write(
    `histories: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`,
  );
  process.exitCode = 1;
});
