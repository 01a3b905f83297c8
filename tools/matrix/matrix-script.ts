import type { ExecutionReport, ReportKind } from '../../domain/order/execution-report';
import { clOrdIdOf } from '../../domain/order/order-id';
import type { OrderRequest } from '../../domain/order/order-types';
import type { MatrixStep, OrderMatrix } from './matrix-form';

type RequestKind = 'cancel' | 'replace';

/** The kind of request that a report answers; reports about the order itself have none. */
const ANSWERS: Partial<Record<ReportKind, RequestKind>> = {
  pendingCancel: 'cancel',
  cancelled: 'cancel',
  cancelRejected: 'cancel',
  pendingReplace: 'replace',
  replaced: 'replace',
  replaceRejected: 'replace',
};

/** The order of a matrix as a request of ours. */
export function matrixRequest(
  matrix: OrderMatrix,
  identity: Pick<OrderRequest, 'account' | 'symbol' | 'clientOrderId'>,
): OrderRequest {
  return { ...matrix.order, ...identity };
}

/**
 * The script's own notes while a matrix is played: which ClOrdID of ours each name of the matrix stands for, and
 * which requests the venue still has to answer. It knows nothing of the order's state, so it can drive a workflow.
 */
export class MatrixScript {
  readonly orderId: string;
  readonly venue: string;
  private readonly names: string[] = [];
  private requests: { name: string; kind: RequestKind; isPending: boolean }[] = [];
  private current = '';
  private reportCount = 0;

  constructor(orderId: string, venue: string) {
    this.orderId = orderId;
    this.venue = venue;
  }

  /** Notes a client step that the order management system took. One that it refused used no id and is not noted. */
  noteClient(step: MatrixStep): void {
    const name = step.clOrdId ?? '';
    // A name that was used before is a repeat, which enters nothing.
    if (step.client === undefined || this.names.includes(name)) return;
    this.names.push(name);
    if (step.client === 'new') this.current = name;
    else this.requests.push({ name, kind: step.client, isPending: false });
  }

  /** The report that a venue step stands for. `at` is its transaction time, ISO 8601 UTC. */
  report(step: MatrixStep, at: string): ExecutionReport {
    const { client: _client, venue: kind, expect: _expect, quantity: _quantity, ...said } = step;
    if (kind === undefined) throw new Error('only venue steps are reports');
    const name = this.nameOf(step, kind);
    this.noteVenue(kind, name);
    this.reportCount += 1;
    // FIX refuses requests in a message that has no ExecID; every other report has one, named or not.
    const isRefusal = kind === 'cancelRejected' || kind === 'replaceRejected';
    const execId = step.execId ?? (isRefusal ? undefined : `step-${this.reportCount}`);
    return {
      ...said,
      venue: this.venue,
      kind,
      orderId: this.orderId,
      clOrdId: this.clOrdId(name),
      transactTime: at,
      // ExecIDs are unique per venue, while matrices all use the same ones.
      ...(execId !== undefined && { execId: `${this.orderId}.${execId}` }),
      ...(step.execRefId !== undefined && { execRefId: `${this.orderId}.${step.execRefId}` }),
    };
  }

  /** The name that the matrix has for a ClOrdID of ours. */
  nameOfClOrdId(clOrdId: string): string {
    return this.names.find((name) => this.clOrdId(name) === clOrdId) ?? clOrdId;
  }

  /** Our ClOrdID of a name; a name that was never taken gets one that is not in the order's chain. */
  private clOrdId(name: string): string {
    const index = this.names.indexOf(name);
    return index >= 0 ? clOrdIdOf(this.orderId, index + 1) : `${this.orderId}-refused-${name}`;
  }

  /** Whom a report is about: as it says, else the oldest request that it can answer, else the order itself. */
  private nameOf(step: MatrixStep, kind: ReportKind): string {
    if (step.clOrdId !== undefined) return step.clOrdId;
    const open = this.requests.filter((request) => request.kind === ANSWERS[kind]);
    const isPending = kind === 'pendingCancel' || kind === 'pendingReplace';
    const answered = isPending ? open.find((request) => !request.isPending) : open[0];
    return answered?.name ?? this.current;
  }

  private noteVenue(kind: ReportKind, name: string): void {
    const request = this.requests.find(
      (candidate) => candidate.name === name && candidate.kind === ANSWERS[kind],
    );
    if (request === undefined) return;
    if (kind === 'pendingCancel' || kind === 'pendingReplace') {
      request.isPending = true;
      return;
    }
    this.requests = this.requests.filter((candidate) => candidate !== request);
    if (kind === 'replaced' || kind === 'cancelled') this.current = name;
  }
}
