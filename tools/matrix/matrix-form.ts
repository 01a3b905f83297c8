import { isPositive, parseDecimal, type Decimal } from '../../domain/money/decimal';
import { REPORT_KINDS, type ReportKind } from '../../domain/order/execution-report';
import {
  ORDER_TYPES,
  SIDES,
  TIMES_IN_FORCE,
  type OrderType,
  type Side,
  type TimeInForce,
} from '../../domain/order/order-types';
import { EXPECTED_FIELDS, type MatrixExpectation } from './matrix-shows';

export const CLIENT_ACTS = ['new', 'cancel', 'replace'] as const;
export type ClientAct = (typeof CLIENT_ACTS)[number];

const STEP_AMOUNTS = ['quantity', 'limitPrice', 'stopPrice', 'lastQty', 'lastPx', 'orderQty'] as const;
const STEP_TEXTS = ['clOrdId', 'execId', 'execRefId', 'reason', 'text'] as const;

/** One thing that happens to the order: an act of the client or a report of the venue. */
export interface MatrixStep {
  client?: ClientAct;
  venue?: ReportKind;
  clOrdId?: string;
  /** Of a replace: the new total. */
  quantity?: Decimal;
  limitPrice?: Decimal;
  stopPrice?: Decimal;
  execId?: string;
  execRefId?: string;
  lastQty?: Decimal;
  lastPx?: Decimal;
  orderQty?: Decimal;
  reason?: string;
  text?: string;
  expect: MatrixExpectation;
}

export interface MatrixOrder {
  side: Side;
  type: OrderType;
  quantity: Decimal;
  limitPrice?: Decimal;
  stopPrice?: Decimal;
  timeInForce: TimeInForce;
  expireAt?: string;
}

/** An order-state matrix in the spirit of FIX 4.4 Volume 4, Appendix D: one order and what happens to it. */
export interface OrderMatrix {
  id: string;
  title: string;
  order: MatrixOrder;
  steps: MatrixStep[];
}

/** Thrown when something is not a matrix; the message says where and what. */
export class MatrixFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MatrixFault';
  }
}

type Fields = Record<string, unknown>;

/**
 * Reads a matrix from parsed JSON. Numbers may be JSON numbers, fields that it does not know are left alone, and what
 * a step can do without may be missing; what is left must have one meaning. `name` stands in for a missing id.
 * Throws MatrixFault naming the step and the field.
 */
export function parseMatrix(json: unknown, name = 'matrix'): OrderMatrix {
  const matrix = fieldsOf(json, 'a matrix');
  const { order, steps } = matrix;
  if (!Array.isArray(steps) || steps.length === 0)
    throw new MatrixFault('steps must be a list of at least one');
  const parsed = steps.map((step, index) => parseStep(step, `step ${index + 1}`));
  if (parsed[0]?.client !== 'new') throw new MatrixFault('step 1: a matrix begins with client "new"');
  return {
    id: textOf(matrix, 'id', 'the matrix') ?? name,
    title: textOf(matrix, 'title', 'the matrix') ?? '',
    order: parseOrder(order),
    steps: parsed,
  };
}

function parseOrder(json: unknown): MatrixOrder {
  const where = 'order';
  const given = fieldsOf(json, where);
  const [quantity, limitPrice, stopPrice] = (['quantity', 'limitPrice', 'stopPrice'] as const).map((field) =>
    amountOf(given, field, where),
  );
  if (quantity === undefined) throw new MatrixFault(`${where}: quantity is missing`);
  if (!isPositive(quantity)) throw new MatrixFault(`${where}: quantity must be above 0`);
  const type = choiceOf(given, 'type', ORDER_TYPES, where, 'limit');
  if (type === 'limit' && limitPrice === undefined) {
    throw new MatrixFault(`${where}: limitPrice is missing, and a limit order needs one`);
  }
  const expireAt = textOf(given, 'expireAt', where);
  return {
    side: choiceOf(given, 'side', SIDES, where),
    type,
    quantity,
    ...(limitPrice !== undefined && { limitPrice }),
    ...(stopPrice !== undefined && { stopPrice }),
    // FIX: an order that names none is a day order.
    timeInForce: choiceOf(given, 'timeInForce', TIMES_IN_FORCE, where, 'day'),
    ...(expireAt !== undefined && { expireAt }),
  };
}

function parseStep(json: unknown, where: string): MatrixStep {
  const given = fieldsOf(json, where);
  const isClient = isPresent(given['client']);
  if (isClient === isPresent(given['venue'])) {
    throw new MatrixFault(`${where}: exactly one of client and venue must act`);
  }
  const step: MatrixStep = isClient
    ? {
        client: choiceOf(given, 'client', CLIENT_ACTS, where),
        expect: parseExpectation(given['expect'], where),
      }
    : {
        venue: choiceOf(given, 'venue', REPORT_KINDS, where),
        expect: parseExpectation(given['expect'], where),
      };
  for (const field of STEP_AMOUNTS) {
    const amount = amountOf(given, field, where);
    if (amount !== undefined) step[field] = amount;
  }
  for (const field of STEP_TEXTS) {
    const text = textOf(given, field, where);
    if (text !== undefined) step[field] = text;
  }
  const missing = missingField(step);
  if (missing !== undefined) {
    throw new MatrixFault(`${where}: ${missing} is missing, and "${step.client ?? step.venue}" needs one`);
  }
  return step;
}

/** The first field that the step cannot do without. */
function missingField(step: MatrixStep): keyof MatrixStep | undefined {
  if (step.client !== undefined) {
    if (step.clOrdId === undefined) return 'clOrdId';
    const changes = step.quantity ?? step.limitPrice ?? step.stopPrice;
    return step.client === 'replace' && changes === undefined ? 'quantity' : undefined;
  }
  if (step.venue === 'fill' || step.venue === 'correct') {
    if (step.lastQty === undefined) return 'lastQty';
    if (step.lastPx === undefined) return 'lastPx';
  }
  const needsReference = step.venue === 'bust' || step.venue === 'correct';
  if (needsReference && step.execRefId === undefined) return 'execRefId';
  // A later step may name this execution; an id that we made up could not be meant.
  const isExecution = step.venue === 'fill' || needsReference;
  return isExecution && step.execId === undefined ? 'execId' : undefined;
}

function parseExpectation(json: unknown, where: string): MatrixExpectation {
  if (!isPresent(json)) return {};
  const given = fieldsOf(json, `${where}: expect`);
  const expect: MatrixExpectation = {};
  for (const field of Object.keys(given)) {
    const known = EXPECTED_FIELDS.find((candidate) => candidate === field);
    if (known === undefined) {
      throw new MatrixFault(
        `${where}: expect.${field} is not something that an order shows; it shows ${EXPECTED_FIELDS.join(', ')}`,
      );
    }
    const value = textOf(given, field, `${where}: expect`);
    if (value !== undefined) expect[known] = value;
  }
  return expect;
}

function fieldsOf(json: unknown, what: string): Fields {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields;
  throw new MatrixFault(`${what} must be an object`);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Texts may be written as numbers (reason codes are); both mean the same. */
function textOf(given: Fields, field: string, where: string): string | undefined {
  const value = given[field];
  if (!isPresent(value)) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new MatrixFault(`${where}: ${field} must be a string`);
}

function amountOf(given: Fields, field: string, where: string): Decimal | undefined {
  const text = textOf(given, field, where);
  if (text === undefined) return undefined;
  const amount = parseDecimal(text);
  if (amount === undefined) throw new MatrixFault(`${where}: ${field} "${text}" is not a plain decimal`);
  return amount;
}

function choiceOf<T extends string>(
  given: Fields,
  field: string,
  choices: readonly T[],
  where: string,
  otherwise?: T,
): T {
  const text = textOf(given, field, where);
  if (text === undefined && otherwise !== undefined) return otherwise;
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  const problem = text === undefined ? `${field} is missing` : `${field} "${text}" is not known`;
  throw new MatrixFault(`${where}: ${problem}; it is one of ${choices.join(', ')}`);
}
