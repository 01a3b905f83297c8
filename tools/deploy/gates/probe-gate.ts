import { setTimeout as pause } from 'node:timers/promises';
import { WithStartWorkflowOperation, type WorkflowHandle } from '@temporalio/client';
import { orderIdOf, requestHashOf, workflowIdOf } from '../../../domain/order/order-id';
import { isZero } from '../../../domain/money/decimal';
import { findExposure } from '../../../storage/queries/admissions';
import { findOrder } from '../../../storage/queries/orders';
import {
  ORDER_WORKFLOW_TYPE,
  orderEventsQuery,
  NEW_ORDER,
  orderQuery,
  orderStartOf,
  requestCancelUpdate,
  submitUpdate,
} from '../../../workflows/order-entry/order-messages';
import { PROBE_TRADER, seedProbeAccount } from './probe-account';
import { withdrawProbe } from './withdraw-probe';
import { chooseProbeOrder, openQuotes, type ProbeOrder } from './probe-order';
import type { BuildRecord } from '../builds/build-record';
import type { DeployContext } from '../context';
import type { GateResult } from './gate-result';
import type { OrderEvent } from '../../../domain/order/order-events';
import type { OrderView } from '../../../domain/order/order-view';

const STEP_MS_MAX_DEFAULT = 20_000;
const POLL_MS = 100;
/** What the venue and we must have said for the order to have gone all the way. */
const STAGES: readonly { name: string; isReached: (event: OrderEvent) => boolean }[] = [
  { name: 'validated', isReached: ({ type }) => type === 'orderValidated' },
  { name: 'reserved', isReached: ({ type }) => type === 'riskReserved' },
  { name: 'routed', isReached: ({ type }) => type === 'orderRouted' },
  { name: 'answered by the venue', isReached: (event) => isReport(event, ['accepted', 'fill']) },
  { name: 'cancelled or filled by the venue', isReached: (event) => isReport(event, ['cancelled', 'fill']) },
];

type ProbeContext = Pick<DeployContext, 'client' | 'config' | 'db' | 'deploymentName' | 'nowMs' | 'run'> & {
  stepMsMax: number;
};

/**
 * Sends one order through the candidate, pinned to it, on an account of its own: validated, reserved, routed,
 * accepted by the venue, cancelled there, recorded and released. It is a real order at the venue, of the smallest size
 * and below the market; when it trades all the same, that counts as well.
 */
export async function probeGate(
  given: Omit<ProbeContext, 'stepMsMax'>,
  { buildId }: Pick<BuildRecord, 'buildId'>,
  stepMsMax = STEP_MS_MAX_DEFAULT,
): Promise<GateResult> {
  const context: ProbeContext = { ...given, stepMsMax };
  const startedMs = performance.now();
  const quotes = openQuotes(context.run.venueUrl);
  await quotes.start();
  let probe: ProbeOrder;
  try {
    const id = `${buildId}-${context.nowMs().toString(36)}`;
    probe = await chooseProbeOrder(context.db, quotes, id);
  } finally {
    await quotes.stop();
  }
  await seedProbeAccount(context.db, probe.currency, new Date(context.nowMs()).toISOString());
  const { account, clientOrderId, symbol } = probe.request;
  const handle = context.client.workflow.getHandle(workflowIdOf(account, clientOrderId));
  const stages: string[] = [];
  try {
    const view = await sendThrough(context, buildId, probe, handle, stages);
    const ms = Math.round(performance.now() - startedMs);
    return {
      gate: 'probe',
      ok: true,
      summary: `${symbol} order ${handle.workflowId} went through build ${buildId} to ${view.state} in ${ms} ms.`,
      figures: { workflowId: handle.workflowId, state: view.state, stages, durationMs: ms },
    };
  } catch (fault) {
    const left = await withdrawProbe(handle);
    const reached = stages.at(-1) ?? 'nothing';
    return {
      gate: 'probe',
      ok: false,
      summary: `${symbol} order ${handle.workflowId} came no further than ${reached}: ${(fault as Error).message}; ${left}.`,
      figures: { workflowId: handle.workflowId, stages },
    };
  }
}

async function sendThrough(
  context: ProbeContext,
  buildId: string,
  probe: ProbeOrder,
  handle: WorkflowHandle,
  stages: string[],
): Promise<OrderView> {
  const { account, clientOrderId } = probe.request;
  const submitted = await bounded(context, () => submit(context, buildId, probe));
  if (submitted.outcome === 'denied') {
    const reasons = submitted.order.reasons.map(({ code }) => code).join(', ');
    throw new Error(`it was denied by ${submitted.order.rejectedBy ?? 'us'}: ${reasons}`);
  }
  stages.push('acknowledged');
  await reach(context, 'the venue', () =>
    viewWhen(context, handle, (view) => view.state !== 'validated' && view.state !== 'new'),
  );
  stages.push('at the venue');
  await cancel(context, handle);
  const view = await reach(context, 'its end', () => viewWhen(context, handle, isOver));
  stages.push(view.state);
  checkStages(await bounded(context, () => handle.query(orderEventsQuery)));
  await checkBuild(context, handle, buildId);
  const orderId = orderIdOf(account, clientOrderId);
  await reach(
    context,
    'its record',
    async () => (await findOrder(context.db, orderId))?.sequence === view.sequence || undefined,
  );
  stages.push('recorded');
  if (view.state === 'cancelled') {
    await reach(context, 'the release of its reservation', () => isReleased(context, orderId));
    stages.push('released');
  }
  return view;
}

async function submit(context: ProbeContext, buildId: string, { request }: ProbeOrder) {
  const { account, clientOrderId } = request;
  const requestHash = requestHashOf(request);
  const orderId = orderIdOf(account, clientOrderId);
  const { deploymentName } = context;
  return await context.client.workflow.executeUpdateWithStart(submitUpdate, {
    args: [{ requestId: `${PROBE_TRADER}-${clientOrderId}`, requestHash }],
    updateId: requestHash,
    startWorkflowOperation: new WithStartWorkflowOperation(ORDER_WORKFLOW_TYPE, {
      ...orderStartOf({ orderId, request, requestHash, enteredBy: PROBE_TRADER, ...NEW_ORDER }),
      taskQueue: context.config.STEADFILL_ORDERS_TASK_QUEUE,
      workflowIdConflictPolicy: 'FAIL',
      versioningOverride: { pinnedTo: { deploymentName, buildId } },
      staticSummary: `Probe of build ${buildId}`,
    }),
  });
}

/** A cancel that comes after the order traded is refused, and then there is nothing to cancel. */
async function cancel(context: ProbeContext, handle: WorkflowHandle): Promise<void> {
  const request = {
    requestId: 'probe-cancel',
    by: PROBE_TRADER,
    reason: 'the probe has shown what it should',
  };
  try {
    await bounded(context, () =>
      handle.executeUpdate(requestCancelUpdate, { args: [request], updateId: request.requestId }),
    );
  } catch (fault) {
    const view = await bounded(context, () => handle.query<OrderView>(orderQuery));
    if (!isOver(view) && view.state !== 'filled') throw fault;
  }
}

function isOver({ state }: OrderView): boolean {
  if (state === 'rejected' || state === 'expired') throw new Error(`the venue ended it as ${state}`);
  return state === 'cancelled' || state === 'filled' || state === 'settled';
}

function checkStages(events: readonly OrderEvent[]): void {
  const missing = STAGES.filter(({ isReached }) => !events.some(isReached)).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`its events do not show that it was ${missing.join(', ')}`);
}

function isReport(event: OrderEvent, kinds: readonly string[]): boolean {
  return event.type === 'reportApplied' && kinds.includes(event.report.kind);
}

async function checkBuild(context: ProbeContext, handle: WorkflowHandle, buildId: string): Promise<void> {
  const { raw } = await bounded(context, () => handle.describe());
  const info = raw.workflowExecutionInfo?.versioningInfo;
  const ran = info?.deploymentVersion?.buildId ?? info?.versioningOverride?.pinned?.version?.buildId;
  if (ran !== buildId) throw new Error(`build ${ran ?? 'without a name'} ran it`);
}

async function isReleased({ db }: ProbeContext, orderId: string): Promise<true | undefined> {
  const exposure = await findExposure(db, orderId);
  if (exposure === undefined) return undefined;
  const { contribution } = exposure;
  return (isZero(contribution.reservedCash) && isZero(contribution.openBuyQuantity)) || undefined;
}

async function viewWhen(
  context: ProbeContext,
  handle: WorkflowHandle,
  is: (view: OrderView) => boolean,
): Promise<OrderView | undefined> {
  const view = await bounded(context, () => handle.query<OrderView>(orderQuery));
  return is(view) ? view : undefined;
}

async function reach<T>(
  { stepMsMax }: ProbeContext,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadlineMs = performance.now() + stepMsMax;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) throw new Error(`it did not reach ${what} in ${stepMsMax} ms`);
    await pause(POLL_MS);
  }
}

function bounded<T>({ client, stepMsMax }: ProbeContext, call: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + stepMsMax, call);
}
