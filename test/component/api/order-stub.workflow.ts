import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  getExternalWorkflowHandle,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrderView } from '../../../domain/order/order-view';
import {
  executionReportSignal,
  legActSignal,
  orderEventsQuery,
  orderQuery,
  requestAmendUpdate,
  requestCancelUpdate,
  resolveUpdate,
  submitUpdate,
  type CancelRequest,
  type ListLinkInput,
  type OrderWorkflowInput,
  type RequestResult,
  type SubmitResult,
} from '../../../workflows/order-entry/order-messages';
import { legNoteSignal } from '../../../workflows/order-list/list-messages';

/** Lists are the real ones. */
export { orderList } from '../../../workflows/order-list/order-list.workflow';

const SLOW_MS = 1_500;

/**
 * An order as the API sees it, without activities: it speaks the messages of the real workflow. The symbol NOPE is
 * denied, SLOW is answered late; the first execution report ends the order in the state that the report names.
 */
export async function order(input: OrderWorkflowInput): Promise<OrderView> {
  const at = new Date().toISOString();
  const view: OrderView = { ...firstView(input), createdAt: at, updatedAt: at };
  let createdBy = '';
  let pending: string | undefined;
  const fail = (type: string): ApplicationFailure =>
    ApplicationFailure.create({ message: type, type, nonRetryable: true, details: [{ ...view }] });
  const accept = (): RequestResult => ({ outcome: 'accepted', order: { ...view }, reasons: [] });
  setHandler(orderQuery, () => view);
  setHandler(orderEventsQuery, () => []);
  setHandler(
    submitUpdate,
    async ({ requestId }): Promise<SubmitResult> => {
      if (input.request.symbol === 'SLOW') await sleep(SLOW_MS);
      if (createdBy === '') createdBy = requestId;
      return { createdBy, outcome: view.state === 'rejected' ? 'denied' : 'accepted', order: { ...view } };
    },
    {
      validator: ({ requestHash }) => {
        if (requestHash !== input.requestHash) throw fail('CLIENT_ORDER_ID_CONFLICT');
      },
    },
  );
  const bump = (changes: Partial<OrderView>): void => {
    Object.assign(view, changes, { sequence: view.sequence + 1, updatedAt: new Date().toISOString() });
  };
  setHandler(
    requestCancelUpdate,
    ({ requestId }) => {
      pending = requestId;
      bump({ ordStatus: 'pendingCancel' });
      return accept();
    },
    {
      validator: (_request: CancelRequest) => {
        if (pending !== undefined) throw fail('CANCEL_PENDING');
      },
    },
  );
  setHandler(requestAmendUpdate, ({ quantity, limitPrice }): RequestResult => {
    if (quantity === '999999') {
      const reasons = [
        {
          code: 'ORDER_QUANTITY_LIMIT',
          message: 'over',
          field: 'quantity',
          value: quantity,
          limit: '100000',
        },
      ];
      return { outcome: 'denied', order: { ...view }, reasons };
    }
    if (limitPrice !== undefined && limitPrice === view.limitPrice) throw fail('NOTHING_TO_CHANGE');
    bump({ ordStatus: 'pendingReplace' });
    return accept();
  });
  setHandler(resolveUpdate, () => {
    throw fail('OUTCOME_NOT_UNKNOWN');
  });
  let over = view.state === 'rejected';
  setHandler(executionReportSignal, () => {
    bump({ state: 'cancelled', ordStatus: 'canceled', leavesQty: '0' as OrderView['leavesQty'] });
    over = true;
  });
  const { list } = input;
  if (list === undefined) await condition(() => over && createdBy !== '' && allHandlersFinished());
  else await liveInList(list, view, bump, () => over);
  return view;
}

/** Tells its list of itself and does at once what that asks; a cancel ends the order, a release changes nothing else. */
async function liveInList(
  { workflowId, membership, held = false }: ListLinkInput,
  view: OrderView,
  bump: (changes: Partial<OrderView>) => void,
  isOver: () => boolean,
): Promise<void> {
  let isHeld = held;
  let actsAnswered = 0;
  let told = -1;
  setHandler(legActSignal, ({ number, act }) => {
    actsAnswered = number;
    isHeld = false;
    bump(act.kind === 'cancel' ? { state: 'cancelled', ordStatus: 'canceled' } : {});
  });
  do {
    await condition(() => view.sequence !== told);
    told = view.sequence;
    const { leg } = membership;
    const note = { leg, order: { ...view }, isHeld, bookedQty: view.cumQty, isPending: false, actsAnswered };
    await getExternalWorkflowHandle(workflowId).signal(legNoteSignal, note);
  } while (view.sequence !== told || !(isOver() || view.state === 'cancelled'));
}

function firstView({
  request,
  orderId,
  enteredBy,
  traceId,
}: OrderWorkflowInput): Omit<OrderView, 'createdAt' | 'updatedAt'> {
  const zero = '0' as OrderView['cumQty'];
  const isDenied = request.symbol === 'NOPE';
  return {
    orderId,
    clientOrderId: request.clientOrderId,
    account: request.account,
    symbol: request.symbol,
    side: request.side,
    type: request.type,
    timeInForce: request.timeInForce,
    quantity: request.quantity,
    limitPrice: request.limitPrice ?? null,
    stopPrice: null,
    expireAt: null,
    state: isDenied ? 'rejected' : 'validated',
    ordStatus: isDenied ? 'rejected' : 'pendingNew',
    rejectedBy: isDenied ? 'validation' : null,
    reasons: isDenied
      ? [
          { code: 'UNKNOWN_SYMBOL', message: 'no such symbol', field: 'symbol', value: request.symbol },
          { code: 'QUANTITY_NOT_ON_LOT', message: 'not on lot', field: 'quantity', value: request.quantity },
        ]
      : [],
    cumQty: zero,
    leavesQty: isDenied ? zero : request.quantity,
    avgPx: zero,
    settledQty: zero,
    dayOrderQty: request.quantity,
    dayCumQty: zero,
    overfillQty: zero,
    venue: isDenied ? null : 'XSIM',
    enteredBy,
    sequence: 2,
    workflowId: workflowInfo().workflowId,
    clOrdId: `${orderId}-1`,
    venueOrderId: null,
    ...(traceId !== undefined && { traceId }),
  };
}
