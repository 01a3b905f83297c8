import type { Client } from '@temporalio/client';
import { WithStartWorkflowOperation, type WorkflowHandle } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { orderIdOf, requestHashOf, workflowIdOf } from '../../domain/order/order-id';
import {
  orderQuery,
  submitUpdate,
  type OrderWorkflowInput,
  type SubmitResult,
  NEW_ORDER,
} from '../../workflows/order-entry/order-messages';
import { orderSearchAttributes } from '../../temporal-config/search-attributes';
import { replayPlugins } from '../../observability/temporal-tracing';
import { bundleWorkflows } from '../../workers/workflow-bundle';
import { decimal } from '../../domain/money/decimal';
import { eventually } from './eventually';
import {
  scriptedActivities,
  type Script,
  type ScriptedActivities,
  type Witness,
} from './scripted-activities';
import type { OrderRequest } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';

let bundle: Promise<{ code: string }> | undefined;
let count = 0;

/** The production bundle, built once a test process. */
export function workflowBundle(): Promise<{ code: string }> {
  bundle ??= bundleWorkflows();
  return bundle;
}

export interface Harness {
  client: Client;
  connection: NativeConnection;
  namespace?: string;
}

/** One order in a scripted world, with the worker that runs it. */
export interface RunningOrder {
  handle: WorkflowHandle;
  orderId: string;
  /** The answer of the submit update; undefined when the order was started without it. */
  submit: SubmitResult | undefined;
  witness: Witness;
  /** Where its workflows run, corrections included. */
  taskQueue: string;
  view: () => Promise<OrderView>;
  /** Waits until the order is in this lifecycle state. */
  reach: (state: OrderView['state'], timeoutMs?: number) => Promise<OrderView>;
  /** The id of its present run. */
  runId: () => Promise<string>;
  /** Waits until the order has continued from this run as a new one; a run that is long leaves within about a second. */
  untilNewRun: (runId: string) => Promise<void>;
}

export interface OrderOptions {
  request?: Partial<OrderRequest>;
  historyEventsMax?: number;
  /** The venue's day ends this long after the order came; an hour when left out. */
  sessionCloseInMs?: number;
  /** The order's own date or auction is this long after it came; none when left out. */
  endsInMs?: number;
  /** So many first effects (recording, exposure, settlement) fail, as when MongoDB is away. */
  effectsFailFirst?: number;
  workerOptions?: Partial<WorkerOptions>;
  /** Puts real activities in the place of scripted ones. */
  activities?: (scripted: ScriptedActivities) => object;
  /** Starts without the submit update, which the time-skipping server cannot take together with a start. */
  withoutSubmit?: boolean;
}

/** The script with what the options say about time and outages; made anew an order, so that nothing is shared. */
function adapted(script: Script, { sessionCloseInMs, endsInMs, effectsFailFirst = 0 }: OrderOptions): Script {
  let failures = effectsFailFirst;
  const beforeEffect: Script['beforeEffect'] = (name) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('MongoDB is away');
    }
    script.beforeEffect?.(name);
  };
  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const times = {
    ...(sessionCloseInMs !== undefined && { sessionCloseAt: inMs(sessionCloseInMs) }),
    ...(endsInMs !== undefined && { endsAt: inMs(endsInMs) }),
  };
  return { ...script, beforeEffect, terms: { ...script.terms, ...times } };
}

/** Runs `body` against one order of a scripted world, on task queues of its own, and shuts its worker down. */
export async function withOrder<T>(
  harness: Harness,
  script: Script,
  options: OrderOptions,
  body: (order: RunningOrder) => Promise<T>,
): Promise<T> {
  count += 1;
  const taskQueue = `test-orders-${process.pid}-${Date.now()}-${count}`;
  const { activities, witness } = scriptedActivities(adapted(script, options), taskQueue);
  const worker = await Worker.create({
    connection: harness.connection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: { ...activities, ...options.activities?.(activities) },
    // Production bundles export spans to a sink; here nobody takes them.
    plugins: replayPlugins(),
    ...(harness.namespace !== undefined && { namespace: harness.namespace }),
    ...options.workerOptions,
  });
  return await worker.runUntil(async () =>
    body(await submitOrder(harness.client, taskQueue, witness, options)),
  );
}

async function submitOrder(
  client: Client,
  taskQueue: string,
  witness: Witness,
  options: OrderOptions,
): Promise<RunningOrder> {
  const request: OrderRequest = {
    clientOrderId: `${taskQueue}.order`,
    account: 'ACC-T',
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    quantity: decimal('100'),
    limitPrice: decimal('182.5'),
    timeInForce: 'day',
    ...options.request,
  };
  const orderId = orderIdOf(request.account, request.clientOrderId);
  const requestHash = requestHashOf(request);
  const input: OrderWorkflowInput = {
    orderId,
    request,
    requestHash,
    enteredBy: 'tester',
    ...NEW_ORDER,
    ...(options.historyEventsMax !== undefined && { historyEventsMax: options.historyEventsMax }),
  };
  const workflowId = workflowIdOf(request.account, request.clientOrderId);
  const typedSearchAttributes = orderSearchAttributes({
    account: request.account,
    symbol: request.symbol,
    side: request.side,
    state: 'new',
    venue: 'XSIM',
    orderType: request.type,
    trader: 'tester',
  });
  let submit: SubmitResult | undefined;
  if (options.withoutSubmit === true) {
    await client.workflow.start('order', { workflowId, taskQueue, args: [input] });
  } else {
    submit = await client.workflow.executeUpdateWithStart(submitUpdate, {
      args: [{ requestId: `r-${taskQueue}`, requestHash }],
      updateId: requestHash,
      startWorkflowOperation: new WithStartWorkflowOperation('order', {
        workflowId,
        taskQueue,
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        typedSearchAttributes,
      }),
    });
  }
  // A handle without run id follows continue-as-new.
  const handle = client.workflow.getHandle(workflowId);
  const view = () => handle.query(orderQuery);
  const reach = (state: OrderView['state'], timeoutMs = 30_000) =>
    eventually(
      async () => {
        const now = await view();
        return now.state === state ? now : undefined;
      },
      { timeoutMs, what: `state ${state}` },
    );
  const runId = async () => (await handle.describe()).runId;
  const untilNewRun = async (known: string) => {
    await eventually(async () => (await runId()) !== known, { what: 'a new run of the order' });
  };
  return { handle, orderId, submit, witness, taskQueue, view, reach, runId, untilNewRun };
}
