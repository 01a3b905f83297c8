import {
  ApplicationFailure,
  CancellationScope,
  condition,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { corrections, durableEffects } from '../activity-proxies';
import { exposureOf } from '../../domain/order/order-exposure';
import { nextSettlement } from '../../domain/order/order-settlement';
import { isOpen } from '../../domain/order/order-status';
import { unpackState } from '../../domain/order/packed-state';
import { ZERO } from '../../domain/money/decimal';
import { ERROR_CODES } from '../../domain/errors/error-codes';
import { orderSearchAttributes } from '../../temporal-config/search-attributes';
import { OrderLife } from '../order-entry/order-life';
import { executionReportSignal, orderEventsQuery, pageOf } from '../order-entry/order-messages';
import { Recorder } from '../reporting/recorder';
import { Settler } from '../settlement/settler';
import type { ExecutionReport } from '../../domain/order/execution-report';
import type { OrderEvent } from '../../domain/order/order-events';
import type { OrderState } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import type { CorrectionInput } from './correction-messages';

/** Reports of one turn: with their alarms their events fit one record. */
const REPORTS_A_TURN_MAX = 40;

/** What this run did to the order: the events that took their places in its log. */
interface Correction {
  input: CorrectionInput;
  inbox: ExecutionReport[];
  emitted: OrderEvent[];
}

/**
 * Continues an order whose workflow has closed, with what the venue says about it afterwards: busts, corrections, late
 * executions. The order is read from its event log, decided upon by the same domain, and its sequence goes on; whoever
 * takes a place in the log first has it, and the others decide anew. It lives until nothing of the order is left to
 * settle. Returns the order as it is then.
 */
export async function correction(input: CorrectionInput): Promise<OrderView> {
  const own: Correction = { input, inbox: [], emitted: [] };
  setHandler(orderEventsQuery, (page) => pageOf(own.emitted, page));
  setHandler(executionReportSignal, (given) => void own.inbox.push(...[given].flat()));
  return await CancellationScope.nonCancellable(() => conduct(own));
}

async function conduct(own: Correction): Promise<OrderView> {
  await condition(() => own.inbox.length > 0);
  let isFirst = true;
  for (;;) {
    const reports = own.inbox.splice(0, REPORTS_A_TURN_MAX);
    const life = await takeTurn(own, reports);
    publish(life, isFirst);
    isFirst = false;
    const next = nextSettlement(life.state);
    if (own.inbox.length > 0) continue;
    if (next === undefined) return life.view();
    await condition(() => own.inbox.length > 0, Math.max(1, Date.parse(next.settleAt) - Date.now()));
  }
}

/** Applies the reports, and settles what is due, on the newest state of the order. */
async function takeTurn(own: Correction, reports: ExecutionReport[]): Promise<OrderLife> {
  for (;;) {
    const life = await readOrder(own, reports);
    for (const report of reports) life.apply({ type: 'applyReport', report });
    const settle = new Settler(life).take(Date.now());
    const record = new Recorder(life).take(Date.now(), false);
    // Everything was known: the reports came again, or another correction settled what was due.
    if (record === undefined) return life;
    const { outcome } = await corrections.recordCorrection({
      record,
      ...(settle !== undefined && { settle }),
    });
    if (outcome === 'stale') continue;
    own.emitted.push(...record.events);
    await tellRisk(life.state);
    return life;
  }
}

async function readOrder({ input }: Correction, reports: ExecutionReport[]): Promise<OrderLife> {
  const { orderId, orderWorkflowId } = input;
  const read = await corrections.readOrder({ orderId });
  if (read.outcome === 'found') return lifeOf(unpackState(read.state));
  const at = new Date().toISOString();
  await corrections.setAsideReports({ orderId, workflowId: orderWorkflowId, reports, at });
  throw ApplicationFailure.create({
    message: `${ERROR_CODES.UNKNOWN_ORDER} orderId=${orderId}`,
    type: 'UNKNOWN_ORDER',
    nonRetryable: true,
  });
}

function lifeOf(state: OrderState): OrderLife {
  const { orderId, request, enteredBy } = state;
  const carried = {
    state,
    createdBy: '',
    unitReserves: {},
    unrecorded: [],
    unrecordedFillIds: [],
    deliveredExposure: '',
  };
  const now = () => new Date().toISOString();
  const build = () => workflowInfo().currentDeploymentVersion?.buildId ?? null;
  const input = { orderId, request, enteredBy, requestHash: '', carried };
  return new OrderLife(input, state.workflowId, now, undefined, build);
}

/**
 * What fills moved. An order that could still trade was not closed by us: its reservation stays as it is, until people
 * have looked.
 */
async function tellRisk(state: OrderState): Promise<void> {
  if (isOpen(state)) return;
  const { orderId, sequence, request } = state;
  const { account, symbol } = request;
  const contribution = exposureOf(state, ZERO);
  await durableEffects.applyExposure({ orderId, sequence, account, symbol, contribution });
}

/** How it looks to operations in the Temporal UI: like the order that it continues. */
function publish(life: OrderLife, isFirst: boolean): void {
  const view = life.view();
  const { account, symbol, side, state, venue, type: orderType, enteredBy: trader } = view;
  setCurrentDetails(
    `Continues **${view.workflowId}** (${view.state}, FIX ${view.ordStatus}): filled ${view.cumQty}, settled ${view.settledQty}`,
  );
  if (!isFirst) return;
  upsertSearchAttributes(
    orderSearchAttributes({ account, symbol, side, state, venue: venue ?? 'none', orderType, trader }),
  );
}
