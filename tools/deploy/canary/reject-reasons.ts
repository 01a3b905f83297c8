import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { orderIdOf } from '../../../domain/order/order-id';
import { collection, type OrderRecord } from '../../../storage/collections';
import type { Db } from 'mongodb';
import type { OrderView } from '../../../domain/order/order-view';
import type { OrderRun } from './build-orders';

const UNNAMED = 'unnamed';

/** How many of the refused orders were refused for which reason, by `<who>:<code of the first reason>`. */
export async function rejectReasons(
  { client, db }: { client: Client; db: Db },
  refused: readonly OrderRun[],
): Promise<Record<string, number>> {
  const known = await reasonsFromViews(db, refused);
  const counts: Record<string, number> = {};
  for (const run of refused) {
    const reason = known.get(run.workflowId) ?? (await reasonFromHistory(client, run));
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

/** The views answer for all at once; an order that they do not have yet is asked one by one. */
async function reasonsFromViews(db: Db, refused: readonly OrderRun[]): Promise<Map<string, string>> {
  const byOrderId = new Map(refused.map((run) => [orderIdOfRun(run), run.workflowId]));
  const projection = { rejectedBy: 1, reasons: 1 };
  const rows = await collection<OrderRecord>(db, 'orders')
    .find({ _id: { $in: [...byOrderId.keys()] }, state: 'rejected' } as never, { projection })
    .toArray();
  const found = new Map<string, string>();
  for (const row of rows) {
    const workflowId = byOrderId.get(row._id);
    if (workflowId !== undefined) found.set(workflowId, reasonText(row.rejectedBy, row.reasons[0]?.code));
  }
  return found;
}

function orderIdOfRun({ workflowId }: OrderRun): string {
  const [, account = '', clientOrderId = ''] = workflowId.split(':');
  return orderIdOf(account, clientOrderId);
}

/** A refused order ends as failed with the order as the detail of its failure. */
async function reasonFromHistory(client: Client, { workflowId, runId }: OrderRun): Promise<string> {
  const failure = await failureOf(client, { workflowId, runId });
  const [view] = (failure?.details ?? []) as Partial<OrderView>[];
  return reasonText(view?.rejectedBy, failure?.type ?? undefined);
}

/** What a closed run failed with; undefined when it did not fail, or is still open. */
export async function failureOf(
  client: Client,
  { workflowId, runId }: OrderRun,
): Promise<ApplicationFailure | undefined> {
  const handle = client.workflow.getHandle(workflowId, runId);
  if ((await handle.describe()).status.name === 'RUNNING') return undefined;
  try {
    await handle.result();
    return undefined;
  } catch (fault) {
    if (!(fault instanceof WorkflowFailedError)) throw fault;
    return fault.cause instanceof ApplicationFailure ? fault.cause : undefined;
  }
}

function reasonText(who: string | null | undefined, code: string | undefined): string {
  return `${who ?? UNNAMED}:${code ?? UNNAMED}`;
}
