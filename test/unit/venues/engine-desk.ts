import { decimal, ZERO, type Decimal } from '../../../domain/money/decimal';
import { VenueEngine, type VenueRules } from '../../../venues/simulator/core/venue-engine';
import type { JournalEntry, QuoteRow } from '../../../venues/simulator/core/book-types';
import type { WireOrder, WireReport } from '../../../venues/simulator/protocol';

export const AT = '2026-01-05T15:00:00.000Z';
const RULES: VenueRules = {
  feePerShare: decimal('0.001'),
  dayEndOf: () => '2026-01-05T22:00:00Z',
  auctionAfter: (kind) =>
    kind === 'close'
      ? { kind, at: '2026-01-05T22:00:00.000Z', entryEndsAt: '2026-01-05T21:59:30.000Z' }
      : { kind, at: '2026-01-05T22:01:00.000Z', entryEndsAt: '2026-01-05T22:00:30.000Z' },
};

/** An engine and everything that it wrote, for tests of its rules. */
export class Desk {
  readonly engine = new VenueEngine(RULES);
  readonly lines: string[][] = [];
  private count = 0;

  constructor() {
    this.keep(this.engine.record({ e: 'venue', epoch: 'e' }));
    this.engine.list(['IBM']);
  }

  keep(entries: string[]): WireReport[] {
    this.lines.push(entries);
    return entries
      .map((text) => JSON.parse(text) as JournalEntry)
      .flatMap((entry) => (entry.e === 'report' ? [entry.report] : []));
  }

  quote(bid: string, bidSize: string, ask: string, askSize: string, id?: string): WireReport[] {
    return this.keep(
      this.engine.onQuotes([this.row(bid, bidSize, ask, askSize, id)], AT, '2013-10-07T13:30:00.000Z'),
    );
  }

  row(bid: string, bidSize: string, ask: string, askSize: string, id?: string): QuoteRow {
    const sides = {
      bid: decimal(bid),
      bidSize: decimal(bidSize),
      ask: decimal(ask),
      askSize: decimal(askSize),
    };
    return { symbol: 'IBM', ...sides, ...(id !== undefined && { id }) };
  }

  enter(
    side: 'buy' | 'sell',
    quantity: string,
    limitPrice?: string,
    timeInForce = 'gtc',
    more: Partial<WireOrder> = {},
    at = AT,
  ): { id: string; reports: WireReport[] } {
    this.count += 1;
    const clOrdId = `c${this.count}`;
    const terms: WireOrder = {
      clOrdId,
      symbol: 'IBM',
      side,
      type: limitPrice === undefined ? 'market' : 'limit',
      quantity: decimal(quantity),
      timeInForce,
      ...(limitPrice !== undefined && { limitPrice: decimal(limitPrice) }),
      ...more,
    };
    const { entries } = this.engine.enter(terms, at);
    return { id: clOrdId, reports: this.keep(entries) };
  }

  cumQty(clOrdId: string): Decimal {
    return this.engine.state.orderOf(clOrdId)?.cumQty ?? ZERO;
  }
}

/** Fills as `clOrdId quantity@price`. */
export function fillsOf(reports: readonly WireReport[]): string[] {
  return reports
    .filter(({ kind }) => kind === 'fill')
    .map(({ clOrdId, lastQty, lastPx }) => `${clOrdId} ${lastQty}@${lastPx}`);
}

/** A new engine that read what `desk` wrote. */
export function reopened(desk: Desk): VenueEngine {
  const engine = new VenueEngine(RULES);
  for (const line of desk.lines) {
    for (const entry of JSON.parse(`[${line.join(',')}]`) as JournalEntry[]) engine.state.apply(entry);
  }
  return engine;
}
