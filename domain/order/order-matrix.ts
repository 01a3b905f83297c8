import { compare, decimal, parseDecimal, type Decimal } from '../money/decimal';
import { REPORT_KINDS, type ExecutionReport, type ReportKind } from './execution-report';
import { clOrdIdOf } from './order-id';
import type { OrderRequest, OrderType, Side, TimeInForce } from './order-types';
import type { OrderView } from './order-view';

/** What an order shows after a step, as far as the matrix says; numbers are compared by value. */
export type MatrixExpectation = Partial<Record<MatrixField, string>>;
const MATRIX_FIELDS = [
  'ordStatus',
  'orderQty',
  'cumQty',
  'leavesQty',
  'avgPx',
  'dayOrderQty',
  'dayCumQty',
  'clOrdId',
] as const;
type MatrixField = (typeof MATRIX_FIELDS)[number];

const CLIENT_ACTS = ['new', 'cancel', 'replace'] as const;

/** One thing that happens to the order: an act of the client or a report of the venue. */
export interface MatrixStep {
  client?: (typeof CLIENT_ACTS)[number];
  venue?: ReportKind;
  clOrdId?: string;
  quantity?: Decimal;
  limitPrice?: Decimal;
  stopPrice?: Decimal;
  execId?: string;
  execRefId?: string;
  lastQty?: Decimal;
  lastPx?: Decimal;
  orderQty?: Decimal;
  reason?: string;
  expect?: MatrixExpectation;
}

/** An order-state matrix in the spirit of FIX 4.4 Volume 4, Appendix D: one order and what happens to it. */
export interface OrderMatrix {
  id: string;
  title: string;
  order: {
    side: Side;
    type: OrderType;
    quantity: Decimal;
    limitPrice?: Decimal;
    stopPrice?: Decimal;
    timeInForce: TimeInForce;
    expireAt?: string;
  };
  steps: MatrixStep[];
}

/** Reads a matrix from parsed JSON. Throws TypeError naming the step when it does not have the form. */
export function parseMatrix(json: unknown): OrderMatrix {
  const matrix = json as OrderMatrix;
  if (typeof matrix?.id !== 'string' || !Array.isArray(matrix.steps) || typeof matrix.order !== 'object') {
    throw new TypeError('a matrix has id, order and steps');
  }
  if (parseDecimal(matrix.order.quantity) === undefined)
    throw new TypeError('order.quantity is not a decimal');
  matrix.steps.forEach((step, index) => {
    const isClient = step.client !== undefined && CLIENT_ACTS.includes(step.client);
    const isVenue = step.venue !== undefined && REPORT_KINDS.includes(step.venue);
    if (isClient === isVenue) throw new TypeError(`step ${index + 1} needs one actor with a known act`);
  });
  return matrix;
}

/** The order of a matrix as a request of ours. Throws RangeError when an amount is not a decimal. */
export function matrixRequest(
  matrix: OrderMatrix,
  identity: Pick<OrderRequest, 'account' | 'symbol' | 'clientOrderId'>,
): OrderRequest {
  const { order } = matrix;
  return {
    ...order,
    ...identity,
    quantity: decimal(order.quantity),
    ...(order.limitPrice !== undefined && { limitPrice: decimal(order.limitPrice) }),
    ...(order.stopPrice !== undefined && { stopPrice: decimal(order.stopPrice) }),
  };
}

/**
 * The script's own notes while a matrix is played: which ClOrdID of ours each name of the matrix stands for, and
 * which requests the venue still has to answer. It knows nothing of the order's state, so it can drive a workflow.
 */
export class MatrixScript {
  readonly orderId: string;
  readonly venue: string;
  private readonly names: string[] = [];
  private requests: { name: string; kind: 'cancel' | 'replace'; isPending: boolean }[] = [];
  private current = '';

  constructor(orderId: string, venue: string) {
    this.orderId = orderId;
    this.venue = venue;
  }

  /** True when the client sends a name that it used before: a repeat, which enters nothing. */
  isRepeat(step: MatrixStep): boolean {
    return step.client !== undefined && this.names.includes(step.clOrdId ?? '');
  }

  /** Notes a client step that the order management system took; a refused one is simply not noted. */
  noteClient(step: MatrixStep): void {
    const name = step.clOrdId ?? `request-${this.names.length + 1}`;
    this.names.push(name);
    if (step.client === 'new') this.current = name;
    else this.requests.push({ name, kind: step.client ?? 'cancel', isPending: false });
  }

  /** The report that a venue step stands for. `at` is its transaction time, ISO 8601 UTC. */
  report(step: MatrixStep, at: string): ExecutionReport {
    if (step.venue === undefined) throw new Error('only venue steps are reports');
    const { execId, execRefId, lastQty, lastPx, orderQty, limitPrice, stopPrice, reason } = step;
    const name = this.nameOf(step);
    this.noteVenue(step.venue, name);
    return {
      venue: this.venue,
      kind: step.venue,
      orderId: this.orderId,
      clOrdId: this.clOrdId(name),
      transactTime: at,
      // ExecIDs are unique per venue, while matrices all use the same ones.
      ...(execId !== undefined && { execId: `${this.orderId}.${execId}` }),
      ...(execRefId !== undefined && { execRefId: `${this.orderId}.${execRefId}` }),
      ...(lastQty !== undefined && { lastQty }),
      ...(lastPx !== undefined && { lastPx }),
      ...(orderQty !== undefined && { orderQty }),
      ...(limitPrice !== undefined && { limitPrice }),
      ...(stopPrice !== undefined && { stopPrice }),
      ...(reason !== undefined && { reason }),
    };
  }

  /** What the order shows in the terms of the matrix, and whether that is what it expects. */
  compare(expect: MatrixExpectation | undefined, view: OrderView) {
    const shows: Record<MatrixField, string> = {
      ordStatus: view.ordStatus,
      orderQty: view.quantity,
      cumQty: view.cumQty,
      leavesQty: view.leavesQty,
      avgPx: view.avgPx,
      dayOrderQty: view.dayOrderQty,
      dayCumQty: view.dayCumQty,
      clOrdId: this.names.find((name) => this.clOrdId(name) === view.clOrdId) ?? view.clOrdId,
    };
    const isOk = MATRIX_FIELDS.every((field) => equalByValue(expect?.[field], shows[field]));
    return { shows, ok: isOk };
  }

  /** Our ClOrdID of a name; a name that was never taken gets one that is not in the order's chain. */
  private clOrdId(name: string): string {
    const index = this.names.indexOf(name);
    return index >= 0 ? clOrdIdOf(this.orderId, index + 1) : `${this.orderId}-refused-${name}`;
  }

  private nameOf(step: MatrixStep): string {
    if (step.clOrdId !== undefined) return step.clOrdId;
    const kind = step.venue === 'cancelled' || step.venue === 'pendingCancel' ? 'cancel' : 'replace';
    const open = this.requests.filter((request) => request.kind === kind);
    switch (step.venue) {
      case 'pendingCancel':
      case 'pendingReplace':
        return open.find((request) => !request.isPending)?.name ?? this.current;
      case 'cancelled':
      case 'replaced':
        return open[0]?.name ?? this.current;
      default:
        return this.current;
    }
  }

  private noteVenue(kind: ReportKind, name: string): void {
    const request = this.requests.find((candidate) => candidate.name === name);
    if (request === undefined) return;
    if (kind === 'pendingCancel' || kind === 'pendingReplace') {
      request.isPending = true;
      return;
    }
    this.requests = this.requests.filter((candidate) => candidate !== request);
    if (kind === 'replaced' || kind === 'cancelled') this.current = name;
  }
}

function equalByValue(expected: string | undefined, shown: string): boolean {
  if (expected === undefined || expected === shown) return true;
  const [a, b] = [parseDecimal(expected), parseDecimal(shown)];
  return a !== undefined && b !== undefined && compare(a, b) === 0;
}
