import { checkListForm } from '../../../domain/order-list/list-form';
import { listHashOf } from '../../../domain/order-list/list-id';
import type { ListRequest } from '../../../domain/order-list/list-types';
import type { LegView, ListView } from '../../../domain/order-list/list-view';
import { currentTraceId } from '../../../observability/trace-context';
import type { ListAnswer } from '../../../workflows/order-list/list-messages';
import type { Principal } from '../../auth/permissions';
import { denial, errorsOfReasons, problem, type Problem } from '../../http/problem';
import { answer, type Reply } from '../../http/route';
import type { Reads } from '../../reads';
import type { CallFault } from '../../temporal/call-fault';
import type { ListGateway, NewList } from '../../temporal/list-gateway';
import { nothingSent } from '../nothing-sent';
import type { OrderLocator } from '../order-locator';
import type { SubmitGate } from '../submit-gate';

export interface ListEntryDependencies {
  reads: Reads;
  lists: ListGateway;
  locator: OrderLocator;
  gate: SubmitGate;
}

const UNAVAILABLE_DETAIL = 'New lists need MongoDB and Temporal; nothing was sent.';

/** Takes lists in: from a well-formed request to one durable answer an order. */
export class ListEntry {
  private readonly dependencies: ListEntryDependencies;

  constructor(dependencies: ListEntryDependencies) {
    this.dependencies = dependencies;
  }

  async submit(request: ListRequest, principal: Principal): Promise<Reply> {
    const { gate, lists, reads } = this.dependencies;
    const faults = checkListForm(request);
    if (faults.length > 0) return problem('LIST_MALFORMED', { errors: errorsOfReasons(faults) });
    const refusal = gate.turnAway();
    if (refusal !== undefined) return problem(refusal.code, { retryAfterSeconds: refusal.retryAfterSeconds });
    const { account, listId } = request;
    const traceId = currentTraceId();
    const list: NewList = {
      request,
      requestHash: listHashOf(request),
      enteredBy: principal.name,
      ...(traceId !== undefined && { traceId }),
    };
    // Risk fails closed: without MongoDB nothing new is sent. A list that exists can still be answered.
    if (!reads.ready() && !(await lists.hashOf(account, listId)).ok)
      return problem('SERVICE_UNAVAILABLE', { detail: UNAVAILABLE_DETAIL });
    const result = await lists.submit(list);
    if (!result.ok) return await this.onFault(list, result.fault);
    this.rememberOrders(request);
    return answerOf(result.value, result.value.created);
  }

  private rememberOrders({ orders }: ListRequest): void {
    for (const { account, clientOrderId } of orders)
      this.dependencies.locator.remember(account, clientOrderId);
  }

  private async onFault(list: NewList, fault: CallFault): Promise<Reply> {
    switch (fault.kind) {
      case 'refused':
        return fault.type === 'LIST_ID_CONFLICT' ? problem('LIST_ID_CONFLICT') : outcomeUnknown(list);
      case 'closed':
        return await this.answerFromRecord(list);
      default:
        return nothingSent(fault, UNAVAILABLE_DETAIL) ?? outcomeUnknown(list);
    }
  }

  /** The list is done: its first answer is kept by its workflow. */
  private async answerFromRecord(list: NewList): Promise<Reply> {
    const { account, listId } = list.request;
    const { lists } = this.dependencies;
    const recorded = await lists.hashOf(account, listId);
    if (!recorded.ok) return outcomeUnknown(list);
    if (recorded.value !== list.requestHash) return problem('LIST_ID_CONFLICT');
    const first = await lists.firstAnswer(account, listId);
    return first.ok && first.value !== null ? answerOf(first.value, false) : outcomeUnknown(list);
  }
}

function answerOf({ list }: ListAnswer, created: boolean): Reply {
  const items = list.orders.map((leg) => resultOf(leg, list));
  const { listId, account } = list;
  return answer(207, { created, items, list }, { Location: `/v1/lists/${listId}?account=${account}` });
}

/** What the client is told of one order: as POST of it alone would have told, or why it does not trade. */
function resultOf(leg: LegView, list: ListView) {
  const { clientOrderId, orderId, order } = leg;
  const head = { clientOrderId, orderId };
  const refusal = refusalOf(leg, list);
  if (refusal === undefined) return { ...head, status: 201, ...(order !== undefined && { order }) };
  const { status, code, detail, errors } = refusal;
  return {
    ...head,
    status,
    code,
    ...(detail !== undefined && { detail }),
    ...(errors.length > 0 && { errors }),
    ...(order !== undefined && { order }),
  };
}

function refusalOf({ entry, order }: LegView, list: ListView): Problem | undefined {
  switch (entry) {
    case 'denied':
      return order === undefined ? problem('LIST_NOT_ACCEPTED') : denial(order.reasons, order);
    case 'conflict':
      return problem('CLIENT_ORDER_ID_CONFLICT');
    case 'lost':
    case null:
      return problem('ORDER_OUTCOME_UNKNOWN');
    case 'notBegun':
      return problem('LIST_NOT_ACCEPTED');
    case 'accepted':
      return list.listOrderStatus === 'reject' ? problem('LIST_NOT_ACCEPTED') : undefined;
  }
}

function outcomeUnknown({ request }: NewList): Problem {
  const { account, listId } = request;
  return problem('ORDER_OUTCOME_UNKNOWN', {
    detail: `Repeat the request, or ask GET /v1/lists/${listId}?account=${account}.`,
  });
}
