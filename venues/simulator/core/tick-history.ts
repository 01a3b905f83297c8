import type { Price } from '../../../domain/money/decimal';

/** What one symbol was at one moment. */
export interface HistoryTick {
  at: string;
  bid?: Price;
  ask?: Price;
  last?: Price;
  marketTime?: string;
}

export interface HistoryPage {
  /** The last tick before the time that was asked for, when there is one. */
  standing?: HistoryTick;
  /** Ticks at that time or later, ascending; several may have the same time. */
  items: HistoryTick[];
  /** False when ticks of that time were given up already. */
  complete: boolean;
  /** True when there are more than fit the page. */
  more: boolean;
}

interface Sides {
  bid?: Price | undefined;
  ask?: Price | undefined;
}

interface Moment extends Sides {
  last: Price | undefined;
  marketTime: string | undefined;
}

interface Row extends HistoryTick {
  atMs: number;
}

/** Some hours of a busy symbol: about 2 MB each. */
const TICKS_MAX = 20_000;
const GIVEN_UP_AT_ONCE = 2_000;

/**
 * What the market was, moment by moment, so that whoever did not listen for a while can hear what happened meanwhile.
 * A moment that changes nothing is left out.
 */
export class TickHistory {
  private readonly rows = new Map<string, Row[]>();
  private readonly givenUpMs = new Map<string, number>();

  /** Notes the best bid and ask since `atMs` (epoch milliseconds); a side that is left out is empty. */
  quote(symbol: string, atMs: number, { bid, ask }: Sides, marketTime?: string): void {
    const { last } = this.rows.get(symbol)?.at(-1) ?? {};
    this.note(symbol, atMs, { bid, ask, last, marketTime });
  }

  /** Notes a trade at `atMs`. */
  trade(symbol: string, atMs: number, last: Price, marketTime?: string): void {
    const { bid, ask } = this.rows.get(symbol)?.at(-1) ?? {};
    this.note(symbol, atMs, { bid, ask, last, marketTime });
  }

  /** What happened at `sinceMs` or later, at most `limit` ticks, but always all of the same time as the last one. */
  since(symbol: string, sinceMs: number, limit: number): HistoryPage {
    const rows = this.rows.get(symbol) ?? [];
    const begin = rows.findIndex(({ atMs }) => atMs >= sinceMs);
    const first = begin < 0 ? rows.length : begin;
    let end = Math.min(rows.length, first + limit);
    // Readers continue by time, so a page that parted equal times would lose or repeat some of them.
    while (end < rows.length && rows[end]?.atMs === rows[end - 1]?.atMs) end += 1;
    const standing = rows[first - 1];
    return {
      ...(standing !== undefined && { standing: shown(standing) }),
      items: rows.slice(first, end).map(shown),
      complete: (this.givenUpMs.get(symbol) ?? -1) < sinceMs,
      more: end < rows.length,
    };
  }

  /** Times never go back: what comes late happened when we heard of it. */
  private note(symbol: string, atMs: number, moment: Moment): void {
    const rows = this.rows.get(symbol) ?? [];
    if (rows.length === 0) this.rows.set(symbol, rows);
    const previous = rows.at(-1);
    const { bid, ask, last } = moment;
    if (previous?.bid === bid && previous?.ask === ask && previous?.last === last) return;
    const at = Math.max(Math.round(atMs), previous?.atMs ?? 0);
    rows.push({ ...withoutGaps(moment), atMs: at, at: new Date(at).toISOString() });
    if (rows.length < TICKS_MAX) return;
    const gone = rows.splice(0, GIVEN_UP_AT_ONCE).at(-1);
    if (gone !== undefined) this.givenUpMs.set(symbol, gone.atMs);
  }
}

function withoutGaps({ bid, ask, last, marketTime }: Moment): Omit<HistoryTick, 'at'> {
  return {
    ...(bid !== undefined && { bid }),
    ...(ask !== undefined && { ask }),
    ...(last !== undefined && { last }),
    ...(marketTime !== undefined && { marketTime }),
  };
}

function shown({ atMs: _atMs, ...tick }: Row): HistoryTick {
  return tick;
}
