import { spreadOver } from '../gates/allocate-sample';
import { countOrders, listOrders, ordersOfBuild, type OrderRun } from './build-orders';
import { durationsOf, type BuildFigures } from './figures';
import { orderEvidence, type OrderEvidence } from './order-evidence';
import { failureOf, rejectReasons } from './reject-reasons';
import type { DeployContext } from '../context';

/** An order without an answer for longer than this has none; clients give up then too. */
const ANSWER_MS_MAX = 10_000;
const HISTORIES_MAX = 200;
const HISTORIES_AT_ONCE = 8;
/** Orders that are listed to pick histories from, and refused ones whose reasons are asked for. */
const LISTED_MAX = 2_000;
const STUCK_MAX = 200;
/** Runs that found their identity taken: the order is another run's, and nothing is wrong with the build. */
const REPEATS: ReadonlySet<string> = new Set(['DUPLICATE_REQUEST', 'CLIENT_ORDER_ID_CONFLICT']);

type CollectContext = Pick<DeployContext, 'client' | 'db' | 'deploymentName' | 'nowMs'>;

/**
 * What one build has done with the orders that began since `since` (ISO 8601 UTC). Counts come from Temporal's
 * visibility, which names the build of every order and is about a second behind; reasons from the views, or from
 * Temporal where a view is missing; latencies and failed tasks from histories, which belong to one order, one build and
 * one time whatever was restarted meanwhile.
 */
export async function collectFigures(
  context: CollectContext,
  buildId: string,
  since: string,
): Promise<BuildFigures> {
  const untilMs = context.nowMs();
  const all = ordersOfBuild(context, buildId, since);
  const stuck = await countStuckAtStart(context, buildId, since, untilMs);
  const orders = (await countOrders(context, all)) + stuck;
  const refusedQuery = `${all} AND OrderState = 'rejected'`;
  const refusedCount = await countOrders(context, refusedQuery);
  const refused = await listOrders(context, refusedQuery, LISTED_MAX);
  const evidence = await examine(context, await listOrders(context, all, LISTED_MAX));
  const gaps: string[] = [];
  if (refusedCount > LISTED_MAX)
    gaps.push(`only ${LISTED_MAX} of ${refusedCount} refused orders were asked for reasons`);
  return {
    buildId,
    since,
    until: new Date(untilMs).toISOString(),
    orders,
    open: (await countOrders(context, `${all} AND ExecutionStatus = 'Running'`)) + stuck,
    failed: await countFailed(context, all),
    unanswered: (await countOrders(context, unansweredOf(all, untilMs))) + stuck,
    rejects: await rejectReasons(context, refused),
    examined: evidence.length,
    taskFailures: evidence.filter(({ taskFailed }) => taskFailed).length,
    acknowledgement: durationsOf(evidence.flatMap(({ acknowledgement: seconds }) => seconds ?? [])),
    risk: durationsOf(evidence.flatMap(({ risk: seconds }) => seconds ?? [])),
    gaps,
  };
}

function unansweredOf(query: string, untilMs: number): string {
  const before = new Date(untilMs - ANSWER_MS_MAX).toISOString();
  return `${query} AND ExecutionStatus = 'Running' AND OrderState = 'new' AND StartTime < '${before}'`;
}

/**
 * Orders whose first task the build took and never completed. Visibility names a build only once a task is complete, so
 * these are found among those without one, by the build that Temporal is trying them on.
 */
async function countStuckAtStart(
  context: CollectContext,
  buildId: string,
  since: string,
  untilMs: number,
): Promise<number> {
  const query = unansweredOf(ordersOfBuild(context, undefined, since), untilMs);
  let stuck = 0;
  for (const { workflowId, runId } of await listOrders(context, query, STUCK_MAX)) {
    const { raw } = await context.client.workflow.getHandle(workflowId, runId).describe();
    const tried = raw.workflowExecutionInfo?.versioningInfo?.versionTransition?.deploymentVersion;
    if (tried?.buildId === buildId && tried.deploymentName === context.deploymentName) stuck += 1;
  }
  return stuck;
}

/** Runs that ended by a fault of ours. A refused order also ends as failed; its state tells them apart. */
async function countFailed(context: CollectContext, all: string): Promise<number> {
  const cut = await countOrders(context, `${all} AND ExecutionStatus IN ('TimedOut', 'Terminated')`);
  const query = `${all} AND ExecutionStatus = 'Failed' AND (OrderState IS NULL OR OrderState != 'rejected')`;
  const failed = await listOrders(context, query, LISTED_MAX);
  let faults = 0;
  for (const run of failed) {
    const type = (await failureOf(context.client, run))?.type ?? '';
    if (!REPEATS.has(type)) faults += 1;
  }
  return cut + faults;
}

/** Evidence from histories spread over the orders at hand. */
async function examine({ client }: CollectContext, runs: readonly OrderRun[]): Promise<OrderEvidence[]> {
  const waiting = spreadOver(runs.length, HISTORIES_MAX).flatMap((index) => runs[index] ?? []);
  const found: OrderEvidence[] = [];
  const readers = Array.from({ length: HISTORIES_AT_ONCE }, async () => {
    for (let run = waiting.pop(); run !== undefined; run = waiting.pop()) {
      const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
      found.push(orderEvidence(history));
    }
  });
  await Promise.all(readers);
  return found;
}
