import type { Fill, OrderState } from './order-types';

/** Ledgers up to this many fills travel as they are, which every build can read. */
export const FILLS_UNPACKED_MAX = 250;

const APPLIED = '#';

/** What of a fill does not follow from its columns. */
type Rest = Partial<Fill>;
/**
 * One fill: execId, content hash of its report, quantity, price, fee, milliseconds since the fill before it, milliseconds
 * from execution to settlement, place in `dates`, trading day, 1 when settled, and what else it has.
 */
type Row = [string, string, string, string, string, number, number, number, number, 0 | 1, Rest?];
/** A dedupe entry in words, or those of so many fills from one on. */
type Seen = string | [from: number, count: number];

/** A ledger and the dedupe keys of an order, written small and without loss. */
export interface PackedLedger {
  packed: 1;
  venue: string;
  /** Trade and settlement dates that occur. */
  dates: [string, string][];
  rows: Row[];
  seen: Seen[];
}

/**
 * The state as it travels in a payload: with a long ledger, `fills` is a packed one. Its type stays that of the state on
 * purpose: a build that cannot unpack it stops at the first look instead of trading on without the fills.
 */
export function packState(state: OrderState): OrderState {
  if (state.fills.length <= FILLS_UNPACKED_MAX) return state;
  const packed: unknown = packLedger(state);
  return { ...state, fills: packed as Fill[], seenReports: [] };
}

/** The state from a payload. */
export function unpackState(state: OrderState): OrderState {
  if (Array.isArray(state.fills)) return state;
  return { ...state, ...unpackLedger(state.fills) };
}

function packLedger({ fills, seenReports, terms }: OrderState): PackedLedger {
  const venue = terms?.venue ?? '';
  const hashes = hashesOf(seenReports);
  const dates = new Map<string, number>();
  const dateList: [string, string][] = [];
  let previousMs = 0;
  const rows = fills.map((fill): Row => {
    const key = `${fill.tradeDate} ${fill.settlementDate}`;
    if (!dates.has(key)) {
      dates.set(key, dateList.length);
      dateList.push([fill.tradeDate, fill.settlementDate]);
    }
    const atMs = Date.parse(fill.executedAt);
    const head: Row = [
      fill.execId,
      hashes.get(fill.execId) ?? '',
      fill.quantity,
      fill.price,
      fill.fee,
      atMs - previousMs,
      Date.parse(fill.settleAt) - atMs,
      dates.get(key) ?? 0,
      fill.dayNumber ?? 1,
      fill.settled ? 1 : 0,
    ];
    previousMs = atMs;
    const plain = unpackRow(head, venue, atMs, dateList);
    const rest = Object.entries(fill).filter(([name, value]) => plain[name as keyof Fill] !== value);
    if (rest.length > 0) head.push(Object.fromEntries(rest) as Rest);
    return head;
  });
  return { packed: 1, venue, dates: dateList, rows, seen: packSeen(seenReports, rows) };
}

/** The fill that the columns of a row tell of; `atMs` is when it was executed. */
function unpackRow(row: Row, venue: string, atMs: number, dates: readonly [string, string][]): Fill {
  const [execId, , quantity, price, fee, , settleInMs, date, dayNumber, settled, rest] = row;
  const [tradeDate, settlementDate] = dates[date] ?? ['', ''];
  return {
    fillId: `${venue}-${execId}`,
    execId,
    lastExecId: execId,
    quantity: quantity as Fill['quantity'],
    price: price as Fill['price'],
    fee: fee as Fill['fee'],
    status: 'live',
    executedAt: new Date(atMs).toISOString(),
    tradeDate,
    settlementDate,
    settleAt: new Date(atMs + settleInMs).toISOString(),
    settled: settled === 1,
    ...(dayNumber > 1 && { dayNumber }),
    ...rest,
  };
}

function unpackLedger({ venue, dates, rows, seen }: PackedLedger): Pick<OrderState, 'fills' | 'seenReports'> {
  let atMs = 0;
  const fills = rows.map((row) => {
    atMs += row[5];
    return unpackRow(row, venue, atMs, dates);
  });
  const seenReports = seen.flatMap((entry) => {
    if (typeof entry === 'string') return [entry];
    const [from, count] = entry;
    return rows.slice(from, from + count).map(entryOf);
  });
  return { fills, seenReports };
}

function entryOf([execId, hash]: Row): string {
  return `${execId}${APPLIED}${hash}`;
}

/** Content hash by ExecID, of reports that were applied. */
function hashesOf(seenReports: readonly string[]): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const entry of seenReports) {
    const end = entry.lastIndexOf(APPLIED);
    if (end > 0 && !hashes.has(entry.slice(0, end))) hashes.set(entry.slice(0, end), entry.slice(end + 1));
  }
  return hashes;
}

/** Entries of fills by their place in the ledger, runs of them as one. */
function packSeen(seenReports: readonly string[], rows: readonly Row[]): Seen[] {
  const places = new Map(rows.map((row, place) => [entryOf(row), place]));
  const seen: Seen[] = [];
  for (const entry of seenReports) {
    const place = places.get(entry);
    const last = seen.at(-1);
    if (place === undefined) seen.push(entry);
    else if (Array.isArray(last) && last[0] + last[1] === place) last[1] += 1;
    else seen.push([place, 1]);
  }
  return seen;
}
