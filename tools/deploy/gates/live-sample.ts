import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { LIFECYCLE_STATES } from '../../../domain/order/order-types';
import { ORDER_WORKFLOW_TYPE } from '../../../workflows/order-entry/order-messages';
import { allocateSample, spreadOver } from './allocate-sample';
import { versionText } from './known-builds';
import type { DeployContext } from '../context';

type Temporal = Pick<DeployContext, 'client' | 'deploymentName'>;

/** Open orders that share state and build. */
export interface SampleGroup {
  state: string;
  /** `none` for orders that no build has taken yet, or that run without versioning. */
  build: string;
  open: number;
  /** Histories written for replay. */
  sampled: number;
  /** Orders looked at whose history says nothing yet, or that Temporal no longer has. */
  unusable: number;
}

export interface LiveHistory {
  name: string;
  file: string;
}

export interface LiveSample {
  openOrders: number;
  groups: SampleGroup[];
  histories: LiveHistory[];
}

export const NO_BUILD = 'none';
/** Of a large group, members are picked among this many. */
const SCANNED_MAX = 2_000;
const OPEN_ORDERS = `WorkflowType = '${ORDER_WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`;

/**
 * Writes histories of open orders into `folder`: of every state and every build, at least one of each and about
 * `sampleMax` in all. Orders are found by visibility, which is about a second behind.
 */
export async function sampleOpenOrders(
  context: Temporal,
  builds: readonly string[],
  sampleMax: number,
  folder: string,
): Promise<LiveSample> {
  const openOrders = await countOf(context, OPEN_ORDERS);
  const queries = await groupQueries(context, builds);
  const quotas = allocateSample(
    queries.map(({ open }) => open),
    sampleMax,
  );
  const groups: SampleGroup[] = [];
  const histories: LiveHistory[] = [];
  for (const [index, { query, ...group }] of queries.entries()) {
    const wanted = quotas[index] ?? 0;
    const ids = await pickOrders(context, query, group.open, wanted);
    const found = await writeHistories(context, ids, join(folder, `live-${index}`));
    histories.push(...found);
    groups.push({ ...group, sampled: found.length, unusable: ids.length - found.length });
  }
  return { openOrders, groups, histories };
}

interface GroupQuery {
  state: string;
  build: string;
  open: number;
  query: string;
}

/** One query for each state of each build that has open orders; a state that we do not know is a group as well. */
async function groupQueries(context: Temporal, builds: readonly string[]): Promise<GroupQuery[]> {
  const found: GroupQuery[] = [];
  const known = LIFECYCLE_STATES.map((state) => `'${state}'`).join(', ');
  const states = [
    ...LIFECYCLE_STATES.map((state) => ({ state: state as string, term: `OrderState = '${state}'` })),
    { state: 'other', term: `(OrderState IS NULL OR OrderState NOT IN (${known}))` },
  ];
  for (const build of [...builds, NO_BUILD]) {
    const ofBuild = `${OPEN_ORDERS} AND ${buildTerm(context.deploymentName, build)}`;
    if ((await countOf(context, ofBuild)) === 0) continue;
    for (const { state, term } of states) {
      const query = `${ofBuild} AND ${term}`;
      const open = await countOf(context, query);
      if (open > 0) found.push({ state, build, open, query });
    }
  }
  return found;
}

function buildTerm(deploymentName: string, build: string): string {
  if (build === NO_BUILD) return 'TemporalWorkerDeploymentVersion IS NULL';
  return `TemporalWorkerDeploymentVersion = '${versionText(deploymentName, build)}'`;
}

async function countOf({ client }: Temporal, query: string): Promise<number> {
  return (await client.workflow.count(query)).count;
}

interface OrderRun {
  workflowId: string;
  runId: string;
}

async function pickOrders(
  { client }: Temporal,
  query: string,
  open: number,
  wanted: number,
): Promise<OrderRun[]> {
  if (wanted === 0) return [];
  const places = new Set(spreadOver(Math.min(open, SCANNED_MAX), wanted));
  const picked: OrderRun[] = [];
  let index = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if (places.has(index)) picked.push({ workflowId, runId });
    index += 1;
    if (index >= SCANNED_MAX || picked.length >= places.size) break;
  }
  return picked;
}

async function writeHistories(
  { client }: Temporal,
  runs: readonly OrderRun[],
  prefix: string,
): Promise<LiveHistory[]> {
  const written: LiveHistory[] = [];
  for (const [index, { workflowId, runId }] of runs.entries()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    // A history without a completed task holds nothing that replay could contradict.
    if (!history.events?.some((event) => event.workflowTaskCompletedEventAttributes)) continue;
    const file = `${prefix}-${index}.json`;
    await writeFile(file, JSON.stringify(JSON.parse(historyToJSON(history))));
    written.push({ name: workflowId, file });
  }
  return written;
}
