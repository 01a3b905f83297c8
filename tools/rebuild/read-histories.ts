import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { CORRECTION_WORKFLOW_TYPE } from '../../workflows/execution/correction-messages';
import { ORDER_WORKFLOW_TYPE, orderEventsQuery } from '../../workflows/order-entry/order-messages';
import { upcastEvent } from '../../domain/order/upcast-event';
import type { OrderEvent } from '../../domain/order/order-events';

/** Queries under way at once; a closed workflow is replayed by a worker to answer one. */
const QUERIES_AT_ONCE = 8;
const QUERY_ATTEMPTS = 4;
const QUERY_PAUSE_MS = 500;
/** Events of one answer: a whole run of a busy order would not fit one. */
const EVENTS_A_PAGE = 500;

export interface OrderHistory {
  workflowId: string;
  /** Workflow type: `order`, or `correction` before it is joined to its order. */
  type: string;
  /** First run of the chain: what an identity record names. */
  firstRunId: string;
  /** All events in order, of every run and of the corrections that continued the order after it closed. */
  events: OrderEvent[];
  /** True when no event can follow. */
  closed: boolean;
}

export interface Histories {
  orders: OrderHistory[];
  /** Start of the oldest order that Temporal still has, ISO 8601 UTC; undefined when it has none. */
  since: string | undefined;
  faults: string[];
}

/** Makes sure that somebody answers queries for these runs, whose build may have no worker any more. */
export type StandIn = (runs: readonly WorkflowExecutionInfo[]) => Promise<void>;

/** Remembers closed runs, which never change, so that a second look asks for open ones only. */
export class HistoryReader {
  private readonly closedRuns = new Map<string, OrderEvent[]>();
  private readonly client: Client;
  private readonly standIn: StandIn;
  private readonly scope: string | undefined;

  /** `scope` narrows the orders that are read, as a visibility query. */
  constructor(client: Client, standIn: StandIn, scope?: string) {
    this.client = client;
    this.standIn = standIn;
    this.scope = scope;
  }

  /** Every order that Temporal has, open and closed. Needs a worker of each build that has open orders. */
  async read(): Promise<Histories> {
    const runs: WorkflowExecutionInfo[] = [];
    const types = `WorkflowType IN ("${ORDER_WORKFLOW_TYPE}", "${CORRECTION_WORKFLOW_TYPE}")`;
    const query = this.scope === undefined ? types : `${types} AND ${this.scope}`;
    for await (const run of this.client.workflow.list({ query })) runs.push(run);
    await this.standIn(runs.filter(({ runId }) => !this.closedRuns.has(runId)));
    const chains = new Map<string, WorkflowExecutionInfo[]>();
    for (const run of runs) chains.set(run.workflowId, [...(chains.get(run.workflowId) ?? []), run]);
    const faults: string[] = [];
    const histories: OrderHistory[] = [];
    const waiting = [...chains.values()];
    const workers = Array.from({ length: QUERIES_AT_ONCE }, async () => {
      for (let chain = waiting.shift(); chain !== undefined; chain = waiting.shift()) {
        try {
          histories.push(await this.readChain(chain));
        } catch (fault) {
          faults.push(`${chain[0]?.workflowId ?? ''}: ${(fault as Error).message}`);
        }
      }
    });
    await Promise.all(workers);
    const orders = joinCorrections(histories, faults);
    const begun = runs.filter(({ type }) => type === ORDER_WORKFLOW_TYPE);
    const oldest = begun.reduce<number>((least, run) => Math.min(least, run.startTime.getTime()), Infinity);
    return { orders, faults, since: Number.isFinite(oldest) ? new Date(oldest).toISOString() : undefined };
  }

  private async readChain(chain: WorkflowExecutionInfo[]): Promise<OrderHistory> {
    const runs = [...chain].sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
    const [first] = runs;
    const last = runs.at(-1);
    if (first === undefined || last === undefined) throw new Error('a chain has at least one run');
    const events: OrderEvent[] = [];
    for (const run of runs) events.push(...(await this.readRun(run)));
    // Runs that started within one instant come in either order; sequences tell.
    events.sort((a, b) => a.seq - b.seq);
    const closed = last.status.name !== 'RUNNING';
    const { workflowId, type } = first;
    return { workflowId, type, firstRunId: firstRunIdOf(first), events, closed };
  }

  private async readRun(run: WorkflowExecutionInfo): Promise<OrderEvent[]> {
    const known = this.closedRuns.get(run.runId);
    if (known !== undefined) return known;
    const events = await this.query(run);
    if (run.status.name !== 'RUNNING') this.closedRuns.set(run.runId, events);
    return events;
  }

  private async query({ workflowId, runId }: WorkflowExecutionInfo): Promise<OrderEvent[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.queryPages(workflowId, runId);
      } catch (fault) {
        if (attempt >= QUERY_ATTEMPTS) throw fault;
        await new Promise((wake) => setTimeout(wake, QUERY_PAUSE_MS * attempt));
      }
    }
  }

  /** The order's own build answers; it may be an older one than this command, which knows no pages and tells all. */
  private async queryPages(workflowId: string, runId: string): Promise<OrderEvent[]> {
    const handle = this.client.workflow.getHandle(workflowId, runId);
    const all: OrderEvent[] = [];
    for (;;) {
      const afterSeq = all.at(-1)?.seq ?? 0;
      const page = await handle.query(orderEventsQuery, { afterSeq, max: EVENTS_A_PAGE });
      const isOver = page.length !== EVENTS_A_PAGE || page[0]?.seq === all[0]?.seq;
      if (all.length === 0 || page[0]?.seq !== all[0]?.seq) all.push(...page.map(upcastEvent));
      if (isOver) return all;
    }
  }
}

/**
 * Gives every order what corrections did to it. Those of orders that Temporal has forgotten are left out: the views of
 * such orders cannot be told from histories. A correction that does not continue its order is a fault.
 */
export function joinCorrections(histories: readonly OrderHistory[], faults: string[]): OrderHistory[] {
  const orders = histories.filter(({ type }) => type === ORDER_WORKFLOW_TYPE);
  const later = histories
    .filter(({ type }) => type !== ORDER_WORKFLOW_TYPE)
    .flatMap(({ workflowId, events }) => events.map((event) => ({ workflowId, event })))
    .sort((a, b) => a.event.seq - b.event.seq);
  const byOrder = new Map<string, OrderHistory[]>();
  for (const order of orders) {
    const orderId = order.events[0]?.orderId ?? '';
    byOrder.set(orderId, [...(byOrder.get(orderId) ?? []), order]);
  }
  for (const { workflowId, event } of later) {
    const candidates = byOrder.get(event.orderId);
    const order = candidates?.find(({ events }) => events.at(-1)?.seq === event.seq - 1);
    if (order !== undefined) order.events.push(event);
    else if (candidates !== undefined)
      faults.push(`${workflowId}: event ${event.seq} does not continue order ${event.orderId}`);
  }
  return orders;
}

function firstRunIdOf(run: WorkflowExecutionInfo): string {
  const first = (run.raw as { firstRunId?: string | null } | undefined)?.firstRunId;
  return first !== undefined && first !== null && first !== '' ? first : run.runId;
}
