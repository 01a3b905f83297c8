import { Worker } from '@temporalio/worker';
import type { WorkflowHandle } from '@temporalio/client';
import { replayPlugins } from '../../observability/temporal-tracing';
import { decimal } from '../../domain/money/decimal';
import { listHashOf, listWorkflowIdOf } from '../../domain/order-list/list-id';
import { workflowIdOf } from '../../domain/order/order-id';
import type { ListRequest } from '../../domain/order-list/list-types';
import type { LegView, ListView } from '../../domain/order-list/list-view';
import type { OrderRequest } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import { executionReportSignal, orderQuery } from '../../workflows/order-entry/order-messages';
import {
  listQuery,
  NEW_LIST,
  submitListUpdate,
  type ListAnswer,
  type ListWorkflowInput,
} from '../../workflows/order-list/list-messages';
import { eventually } from './eventually';
import { workflowBundle, type Harness } from './order-harness';
import { fillOf, scriptedActivities, type Script, type Witness } from './scripted-activities';

let count = 0;

export interface ListOptions {
  contingency: ListRequest['contingency'];
  /** What each order changes of a buy of 100 IBM at 182.5. */
  orders: readonly Partial<OrderRequest>[];
  historyEventsMax?: number;
  followEveryMs?: number;
}

/** A bracket: a buy of 100, a limit above and a stop below. */
export const BRACKET: ListOptions = {
  contingency: 'bracket',
  orders: [
    {},
    { side: 'sell', limitPrice: decimal('190') },
    { side: 'sell', type: 'stop', stopPrice: decimal('175') },
  ],
};

/** One list in a scripted world, with the worker that runs it and its orders. */
export interface RunningList {
  handle: WorkflowHandle;
  answer: ListAnswer;
  witness: Witness;
  view: () => Promise<ListView>;
  /** The view of one order, from its own workflow. */
  order: (leg: number) => Promise<OrderView>;
  orderHandle: (leg: number) => WorkflowHandle;
  /** Waits until `holds` is true of the orders as they are. */
  until: (what: string, holds: (orders: OrderView[]) => boolean) => Promise<OrderView[]>;
  /** Stops the worker and starts one that remembers nothing: what goes on is a replay of all that was. */
  restart: () => Promise<void>;
  /** The venue fills so much of an order. */
  fill: (leg: number, quantity: string, price?: string, settleInMs?: number) => Promise<void>;
}

function requestOf(taskQueue: string, { contingency, orders }: ListOptions): ListRequest {
  const account = 'ACC-T';
  return {
    listId: taskQueue,
    account,
    contingency,
    orders: orders.map((changes, leg): OrderRequest => {
      const isPriced = changes.type === undefined || changes.type === 'limit';
      return {
        clientOrderId: `${taskQueue}.${leg}`,
        account,
        symbol: 'IBM',
        side: 'buy',
        type: 'limit',
        quantity: decimal('100'),
        ...(isPriced && { limitPrice: decimal('182.5') }),
        timeInForce: 'day',
        ...changes,
      };
    }),
  };
}

/** Runs `body` against one list of a scripted world, on a task queue of its own, and shuts its worker down. */
export async function withList<T>(
  harness: Harness,
  script: Script,
  options: ListOptions,
  body: (list: RunningList) => Promise<T>,
): Promise<T> {
  count += 1;
  const taskQueue = `test-lists-${process.pid}-${Date.now()}-${count}`;
  const { activities, witness } = scriptedActivities(script, taskQueue);
  const bundle = await workflowBundle();
  const start = async (): Promise<{ stop: () => Promise<void> }> => {
    const worker = await Worker.create({
      connection: harness.connection,
      taskQueue,
      workflowBundle: bundle,
      activities,
      plugins: replayPlugins(),
      ...(harness.namespace !== undefined && { namespace: harness.namespace }),
    });
    const run = worker.run();
    return {
      stop: async () => {
        worker.shutdown();
        await run;
      },
    };
  };
  let worker = await start();
  const restart = async (): Promise<void> => {
    await worker.stop();
    worker = await start();
  };
  try {
    return await body({ ...(await submitList(harness, taskQueue, witness, options)), restart });
  } finally {
    await worker.stop();
  }
}

async function submitList(
  { client }: Harness,
  taskQueue: string,
  witness: Witness,
  options: ListOptions,
): Promise<Omit<RunningList, 'restart'>> {
  const request = requestOf(taskQueue, options);
  const requestHash = listHashOf(request);
  const { historyEventsMax, followEveryMs } = options;
  const input: ListWorkflowInput = {
    request,
    requestHash,
    enteredBy: 'tester',
    ...NEW_LIST,
    ...(followEveryMs !== undefined && { followEveryMs }),
    ...(historyEventsMax !== undefined && { historyEventsMax }),
  };
  const workflowId = listWorkflowIdOf(request.account, request.listId);
  await client.workflow.start('orderList', { workflowId, taskQueue, args: [input] });
  // A handle without run id follows continue-as-new.
  const handle = client.workflow.getHandle(workflowId);
  const answer = await handle.executeUpdate(submitListUpdate, {
    args: [{ requestId: `r-${taskQueue}`, requestHash }],
    updateId: requestHash,
  });
  const orderHandle = (leg: number): WorkflowHandle =>
    client.workflow.getHandle(workflowIdOf(request.account, request.orders[leg]?.clientOrderId ?? ''));
  const order = (leg: number): Promise<OrderView> => orderHandle(leg).query(orderQuery);
  return {
    handle,
    answer,
    witness,
    view: () => handle.query(listQuery),
    order,
    orderHandle,
    until: (what, holds) =>
      eventually(
        async () => {
          const orders = await Promise.all(request.orders.map((_order, leg) => order(leg)));
          return holds(orders) ? orders : undefined;
        },
        { what },
      ),
    fill: async (leg, quantity, price = '182', settleInMs = 3_600_000) => {
      const { orderId, clOrdId } = await order(leg);
      await orderHandle(leg).signal(
        executionReportSignal,
        fillOf(orderId, clOrdId, quantity, price, settleInMs),
      );
    },
  };
}

/** The answers of the orders in short: `accepted`, or how else. */
export function entriesOf({ list }: ListAnswer): LegView['entry'][] {
  return list.orders.map(({ entry }) => entry);
}
