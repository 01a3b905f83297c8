import { temporal } from '@temporalio/proto';
import { replayAll } from '../replay/replay';
import { recordStep } from './audit';
import { openOrdersQuery } from './routing/deployment';
import type { BuildRecord } from './builds/build-record';
import type { RoutingContext } from './context';

const { PINNED_OVERRIDE_BEHAVIOR_PINNED } =
  temporal.api.workflow.v1.VersioningOverride.PinnedOverrideBehavior;
/** Orders of one pass; the next call of the command takes the next ones. */
const ORDERS_MAX = 5_000;

export interface Moved {
  from: string;
  to: string;
  /** Workflow ids. */
  moved: string[];
  stay: { workflowId: string; why: string }[];
}

/**
 * Pins the open orders of one build to another one. Each history is replayed against the other build first: an order
 * whose past that code would not have taken stays where it is, because moved it would be stuck.
 */
export async function moveOrders(context: RoutingContext, from: string, to: BuildRecord): Promise<Moved> {
  const result: Moved = { from, to: to.buildId, moved: [], stay: [] };
  for await (const { workflowId, runId } of openOrders(context, from)) {
    const why = await reasonToStay(context, { workflowId, runId }, to);
    if (why !== undefined) result.stay.push({ workflowId, why });
    else {
      if (!context.dryRun) await pin(context, { workflowId, runId }, to.buildId);
      result.moved.push(workflowId);
    }
  }
  const details = { to: to.buildId, moved: result.moved.length, stay: result.stay };
  await recordStep(context, { command: 'drain', step: 'moved', buildId: from, details });
  return result;
}

interface Execution {
  workflowId: string;
  runId: string;
}

async function* openOrders(context: RoutingContext, buildId: string): AsyncIterable<Execution> {
  let count = 0;
  for await (const { workflowId, runId } of context.client.workflow.list({
    query: openOrdersQuery(context, buildId),
  })) {
    if (count >= ORDERS_MAX) return;
    count += 1;
    yield { workflowId, runId };
  }
}

async function reasonToStay(
  { client }: RoutingContext,
  { workflowId, runId }: Execution,
  { bundlePath }: BuildRecord,
): Promise<string | undefined> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const [outcome] = await replayAll({ codePath: bundlePath }, [{ workflowId, history }]);
  if (outcome === undefined) return 'its history could not be replayed';
  return outcome.ok ? undefined : (outcome.fault ?? 'its history does not replay');
}

async function pin(context: RoutingContext, execution: Execution, buildId: string): Promise<void> {
  const { client, namespace, deploymentName, by } = context;
  const version = { deploymentName, buildId };
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: execution,
    workflowExecutionOptions: {
      versioningOverride: { pinned: { behavior: PINNED_OVERRIDE_BEHAVIOR_PINNED, version } },
    },
    updateMask: { paths: ['versioning_override'] },
    identity: by,
  });
}
