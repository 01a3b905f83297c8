import { temporal } from '@temporalio/proto';
import { liveHistories, replayAll } from '../replay/replay';
import { recordStep } from './audit';
import { openOrdersQuery } from './routing/deployment';
import type { BuildRecord } from './builds/build-record';
import type { RoutingContext } from './context';

const { PINNED_OVERRIDE_BEHAVIOR_PINNED } =
  temporal.api.workflow.v1.VersioningOverride.PinnedOverrideBehavior;
/** NOT_FOUND of gRPC: the order has ended. */
const NOT_FOUND = 5;
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
 * Pins the open orders of one build to another one. Their histories are replayed against the other build first: an
 * order whose past that code would not have taken stays where it is, because moved it would be stuck. One that ends
 * meanwhile has nothing left to move, and is in neither list.
 */
export async function moveOrders(context: RoutingContext, from: string, to: BuildRecord): Promise<Moved> {
  const result: Moved = { from, to: to.buildId, moved: [], stay: [] };
  const query = openOrdersQuery(context, from);
  const bundle = { codePath: to.bundlePath };
  const outcomes = await replayAll(bundle, liveHistories(context.client, query, ORDERS_MAX));
  for (const { workflowId, runId, ok, fault } of outcomes) {
    if (ok) {
      const isThere = context.dryRun || (await pin(context, { workflowId, runId }, to.buildId));
      if (isThere) result.moved.push(workflowId);
    } else result.stay.push({ workflowId, why: fault ?? 'its history does not replay' });
  }
  const details = { to: to.buildId, moved: result.moved.length, stay: result.stay };
  await recordStep(context, { command: 'drain', step: 'moved', buildId: from, details });
  return result;
}

/** Answers false when the order has ended. */
async function pin(
  context: RoutingContext,
  execution: { workflowId: string; runId: string },
  buildId: string,
): Promise<boolean> {
  const { client, namespace, deploymentName, by } = context;
  const version = { deploymentName, buildId };
  try {
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace,
      workflowExecution: execution,
      workflowExecutionOptions: {
        versioningOverride: { pinned: { behavior: PINNED_OVERRIDE_BEHAVIOR_PINNED, version } },
      },
      updateMask: { paths: ['versioning_override'] },
      identity: by,
    });
    return true;
  } catch (fault) {
    if ((fault as { code?: unknown }).code !== NOT_FOUND) throw fault;
    return false;
  }
}
