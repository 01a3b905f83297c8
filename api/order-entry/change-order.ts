import { createHash, randomUUID } from 'node:crypto';
import type { OrderView } from '../../domain/order/order-view';
import type {
  AmendRequest,
  CancelRequest,
  RequestResult,
  ResolveRequest,
} from '../../workflows/order-entry/order-messages';
import type { Principal } from '../auth/permissions';
import { denial, isErrorCode, problem, type Problem } from '../http/problem';
import { answer, type Reply } from '../http/route';
import type { CallFault, CallResult } from '../temporal/call-fault';
import { requestProblem } from '../temporal/fault-problem';
import type { OrderGateway } from '../temporal/order-gateway';
import type { OrderPlace } from './order-locator';
import { unreadable, type OrderReader } from './order-reader';

type Operation = 'cancel' | 'amend' | 'resolve';

/**
 * The id of a request. The same key, operation and content by the same holder is the same request, whichever process
 * gets it; other content under the same key is another request and is judged as such. Without a key each is new.
 */
export function requestIdFor(
  operation: Operation,
  principal: Principal,
  place: OrderPlace,
  idempotencyKey: string | undefined,
  content: unknown = null,
): string {
  if (idempotencyKey === undefined) return randomUUID();
  const parts = [operation, principal.name, place.orderId, idempotencyKey, content];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}

/** Refusals that follow from the state of the order (409); all others follow from rules and risk (422). */
const IMPOSSIBLE_NOW: ReadonlySet<string> = new Set([
  'ORDER_CLOSED',
  'ORDER_NOT_OPEN',
  'CANCEL_PENDING',
  'REPLACE_PENDING',
  'OUTCOME_NOT_UNKNOWN',
  'INVALID_TRANSITION',
]);

/** Cancels, amends and resolves orders that exist. Works without MongoDB. */
export class OrderChanges {
  private readonly gateway: OrderGateway;
  private readonly reader: OrderReader;

  constructor(gateway: OrderGateway, reader: OrderReader) {
    this.gateway = gateway;
    this.reader = reader;
  }

  async cancel(place: OrderPlace, request: CancelRequest): Promise<Reply> {
    return await this.conclude(
      place,
      request.requestId,
      await this.gateway.cancel(place.workflowId, request),
    );
  }

  async amend(place: OrderPlace, request: AmendRequest): Promise<Reply> {
    return await this.conclude(place, request.requestId, await this.gateway.amend(place.workflowId, request));
  }

  async resolve(place: OrderPlace, request: ResolveRequest): Promise<Reply> {
    return await this.conclude(
      place,
      request.requestId,
      await this.gateway.resolve(place.workflowId, request),
    );
  }

  private async conclude(
    place: OrderPlace,
    requestId: string,
    result: CallResult<RequestResult>,
  ): Promise<Reply> {
    if (result.ok) return taken(result.value);
    const { fault } = result;
    if (fault.kind === 'refused') return await this.refused(place, fault);
    if (fault.kind !== 'notFound') return requestProblem(fault);
    const earlier = await this.gateway.earlierAnswer(place.workflowId, requestId);
    if (earlier.ok) return taken(earlier.value);
    const read = await this.reader.read(place);
    return read.kind === 'order' ? problem('ORDER_CLOSED', { order: read.order }) : unreadable(read);
  }

  private async refused(place: OrderPlace, fault: Extract<CallFault, { kind: 'refused' }>): Promise<Reply> {
    const order = (fault.details[0] as OrderView | undefined) ?? (await this.current(place));
    if (fault.type === 'DUPLICATE_REQUEST' && order !== undefined) return answer(202, { order });
    if (!isErrorCode(fault.type))
      return requestProblem({ kind: 'unknown', repeatable: false, message: fault.message });
    const status = IMPOSSIBLE_NOW.has(fault.type) ? 409 : 422;
    return refusal(fault.type, status, fault.message, order);
  }

  private async current(place: OrderPlace): Promise<OrderView | undefined> {
    const read = await this.reader.read(place);
    return read.kind === 'order' ? read.order : undefined;
  }
}

function taken(result: RequestResult): Reply {
  if (result.outcome === 'accepted') return answer(202, { order: result.order });
  return denial(result.reasons, result.order);
}

function refusal(
  code: Problem['code'],
  status: number,
  detail: string,
  order: OrderView | undefined,
): Problem {
  const errors = status === 422 ? [{ pointer: '', code, message: detail }] : [];
  return problem(code, { status, detail, errors, ...(order === undefined ? {} : { order }) });
}
