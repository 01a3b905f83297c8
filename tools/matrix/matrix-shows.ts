import { compare, parseDecimal, roundTo, type Decimal } from '../../domain/money/decimal';
import { execTypeOf } from '../../domain/order/exec-type';
import { toOrderView } from '../../domain/order/order-projection';
import type { OrderState } from '../../domain/order/order-types';

/** What every line shows of the order. */
const SHOWN_FIELDS = [
  'ordStatus',
  'orderQty',
  'cumQty',
  'leavesQty',
  'avgPx',
  'dayOrderQty',
  'dayCumQty',
  'clOrdId',
] as const;
/** What a matrix may expect beside that; shown where it does. */
const MORE_FIELDS = ['state', 'execType', 'limitPrice', 'stopPrice', 'overfillQty', 'rejectedBy'] as const;
export const EXPECTED_FIELDS = [...SHOWN_FIELDS, ...MORE_FIELDS] as const;
type ExpectedField = (typeof EXPECTED_FIELDS)[number];

/** What the order must show after a step, as far as the matrix says. */
export type MatrixExpectation = Partial<Record<ExpectedField, string>>;
export type MatrixShows = MatrixExpectation;

/** An average price is rarely a short number, so an expectation with this many places is met by rounding. */
const AVERAGE_PLACES_MIN = 2;
const AVERAGE_PLACES_MAX = 8;

/** What an order shows in the terms of a matrix; `nameOf` gives the matrix's name of a ClOrdID. */
export function showsOf(
  state: OrderState,
  expect: MatrixExpectation,
  nameOf: (clOrdId: string) => string,
): MatrixShows {
  const view = toOrderView(state);
  const all: Record<ExpectedField, string> = {
    ordStatus: view.ordStatus,
    orderQty: view.quantity,
    cumQty: view.cumQty,
    leavesQty: view.leavesQty,
    avgPx: view.avgPx,
    dayOrderQty: view.dayOrderQty,
    dayCumQty: view.dayCumQty,
    clOrdId: nameOf(view.clOrdId),
    state: view.state,
    execType: execTypeOf(state),
    limitPrice: view.limitPrice ?? '',
    stopPrice: view.stopPrice ?? '',
    overfillQty: view.overfillQty,
    rejectedBy: view.rejectedBy ?? '',
  };
  const shown: readonly ExpectedField[] = EXPECTED_FIELDS.filter(
    (field) => (SHOWN_FIELDS as readonly string[]).includes(field) || expect[field] !== undefined,
  );
  return Object.fromEntries(shown.map((field) => [field, all[field]]));
}

/** True when the order shows everything that was expected. */
export function meets(shows: MatrixShows, expect: MatrixExpectation): boolean {
  return EXPECTED_FIELDS.every((field) => {
    const expected = expect[field];
    if (expected === undefined) return true;
    const shown = shows[field];
    return shown !== undefined && equalByValue(expected, shown, field === 'avgPx');
  });
}

function equalByValue(expected: string, shown: string, isAverage: boolean): boolean {
  if (expected === shown) return true;
  const [a, b] = [parseDecimal(expected), parseDecimal(shown)];
  if (a === undefined || b === undefined) return false;
  return compare(a, b) === 0 || (isAverage && equalAverage(expected, a, b));
}

/** Averages agree when they do at the precision of the coarser one. */
function equalAverage(written: string, expected: Decimal, shown: Decimal): boolean {
  const places = Math.min(written.split('.')[1]?.length ?? 0, AVERAGE_PLACES_MAX);
  if (places < AVERAGE_PLACES_MIN) return false;
  return compare(roundTo(expected, places, 'halfEven'), roundTo(shown, places, 'halfEven')) === 0;
}
