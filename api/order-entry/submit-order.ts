import { orderIdOf, requestHashOf, workflowIdOf } from '../../domain/order/order-id';
import type { OrderRequest } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import { currentTraceId } from '../../observability/trace-context';
import type { Principal } from '../auth/permissions';
import { denial, problem, type Problem } from '../http/problem';
import { answer, type Reply } from '../http/route';
import type { CallFault } from '../temporal/call-fault';
import type { NewOrder, OrderGateway } from '../temporal/order-gateway';
import type { Reads } from '../reads';
import { beginAcknowledgement, type Acknowledgement, type AcknowledgementObserver } from './acknowledgement';
import type { OrderLocator } from './order-locator';
import type { OrderReader } from './order-reader';
import { nothingSent } from './nothing-sent';
import { nodeSha256Hex } from '../../storage/node-sha256';
import type { SubmitGate } from './submit-gate';

export interface SubmitDependencies {
  reads: Reads;
  gateway: OrderGateway;
  locator: OrderLocator;
  reader: OrderReader;
  gate: SubmitGate;
  historyEventsMax: number;
  acknowledged: AcknowledgementObserver;
}

const SHED_DETAIL =
  'Nothing was begun: send the same order again after Retry-After. Cancels, amendments and reads are taken meanwhile.';
const UNAVAILABLE_DETAIL = 'New orders need MongoDB and Temporal; nothing was sent.';

/** Takes orders in: from a well-formed request to a durable answer, as many at once as the gate lets in. */
export class OrderEntry {
  private readonly dependencies: SubmitDependencies;

  constructor(dependencies: SubmitDependencies) {
    this.dependencies = dependencies;
  }

  async submit(request: OrderRequest, principal: Principal): Promise<Reply> {
    const acknowledgement = beginAcknowledgement(this.dependencies.acknowledged);
    const reply = await this.submitWithin(request, principal, acknowledgement);
    acknowledgement.end(reply);
    return reply;
  }

  private async submitWithin(
    request: OrderRequest,
    principal: Principal,
    acknowledgement: Acknowledgement,
  ): Promise<Reply> {
    const admission = this.dependencies.gate.enter();
    if (!admission.ok) {
      const { code, retryAfterSeconds } = admission.refusal;
      return problem(code, { retryAfterSeconds, detail: SHED_DETAIL });
    }
    const traceId = currentTraceId();
    const { account, clientOrderId } = request;
    try {
      const order = {
        orderId: orderIdOf(account, clientOrderId, nodeSha256Hex),
        workflowId: workflowIdOf(account, clientOrderId),
        request,
        requestHash: requestHashOf(request, nodeSha256Hex),
        enteredBy: principal.name,
        ...(traceId !== undefined && { traceId }),
      };
      return await this.enter(order, acknowledgement);
    } finally {
      admission.done();
    }
  }

  private async enter(order: NewOrder, acknowledgement: Acknowledgement): Promise<Reply> {
    const { reads, gateway, locator, historyEventsMax } = this.dependencies;
    // Risk fails closed: without MongoDB nothing new is sent. An order that exists can still be answered.
    if (!reads.ready() && !(await this.exists(order))) {
      return problem('SERVICE_UNAVAILABLE', { detail: UNAVAILABLE_DETAIL });
    }
    const result = await gateway.submit(order, historyEventsMax);
    if (!result.ok) return await this.onFault(order, result.fault);
    const { account, clientOrderId } = order.request;
    locator.remember(account, clientOrderId);
    const { outcome, created, build } = result.value;
    acknowledgement.answeredBy(build);
    if (outcome === 'denied') return denial(result.value.order.reasons, result.value.order);
    return created ? accepted(201, result.value.order) : await this.repeat(result.value.order);
  }

  private async exists(order: NewOrder): Promise<boolean> {
    const identity = await this.dependencies.gateway.identify(order.workflowId);
    return identity.ok;
  }

  private async repeat(order: OrderView): Promise<Reply> {
    return accepted(200, await this.dependencies.reader.newest(order));
  }

  private async onFault(order: NewOrder, fault: CallFault): Promise<Reply> {
    switch (fault.kind) {
      case 'refused':
        if (fault.type === 'CLIENT_ORDER_ID_CONFLICT') return problem('CLIENT_ORDER_ID_CONFLICT');
        // The pair belongs to an earlier order whose workflow Temporal has forgotten.
        if (fault.type === 'DUPLICATE_REQUEST') return await this.answerFromRecord(order);
        return outcomeUnknown(order);
      case 'closed':
        return await this.answerFromRecord(order);
      default:
        return nothingSent(fault, UNAVAILABLE_DETAIL) ?? outcomeUnknown(order);
    }
  }

  /** The order has ended: its first answer follows from whose content it has and how it ended. */
  private async answerFromRecord(order: NewOrder): Promise<Reply> {
    const recordedHash = await this.recordedHash(order);
    if (recordedHash === undefined) return outcomeUnknown(order);
    if (recordedHash !== order.requestHash) return problem('CLIENT_ORDER_ID_CONFLICT');
    const { account, clientOrderId } = order.request;
    const read = await this.dependencies.reader.read(
      this.dependencies.locator.remember(account, clientOrderId),
    );
    if (read.kind !== 'order') return outcomeUnknown(order);
    const wasDenied = read.order.rejectedBy === 'validation' || read.order.rejectedBy === 'risk';
    return wasDenied ? denial(read.order.reasons, read.order) : accepted(200, read.order);
  }

  private async recordedHash(order: NewOrder): Promise<string | undefined> {
    const { reads, gateway } = this.dependencies;
    if (reads.ready()) {
      const { account, clientOrderId } = order.request;
      const stored = await reads.orUnavailable(() => reads.findIdentity(account, clientOrderId));
      if (stored.ok && stored.value !== undefined) return stored.value.requestHash;
    }
    const identity = await gateway.identify(order.workflowId);
    return identity.ok ? identity.value.requestHash : undefined;
  }
}

function accepted(status: 200 | 201, order: OrderView): Reply {
  return answer(status, { created: status === 201, order }, { Location: `/v1/orders/${order.orderId}` });
}

function outcomeUnknown(order: NewOrder): Problem {
  const { account, clientOrderId } = order.request;
  return problem('ORDER_OUTCOME_UNKNOWN', {
    detail: `Repeat the request, or ask GET /v1/orders?account=${account}&clientOrderId=${clientOrderId}.`,
  });
}
