import assert from 'node:assert/strict';
import { decimal } from '../../../domain/money/decimal';
import { VenueEngine, type Outcome } from '../../../venues/simulator/core/venue-engine';
import type { JournalEntry } from '../../../venues/simulator/core/book-types';
import type { WireReport } from '../../../venues/simulator/protocol';

const AT = '2026-01-05T15:00:00.000Z';
const rules = {
  feePerShare: decimal('0.001'),
  dayEndOf: () => '2026-01-05T22:00:00.000Z',
  auctionAfter: () => ({
    kind: 'close' as const,
    at: '2026-01-05T22:00:00.000Z',
    entryEndsAt: '2026-01-05T21:50:00.000Z',
  }),
};

/** A venue with one order, filled at once, and its journal. */
function filledVenue() {
  const engine = new VenueEngine(rules);
  const journal: string[] = [...engine.record({ e: 'venue', epoch: 'e' })];
  const quote = {
    symbol: 'IBM',
    bid: decimal('182'),
    bidSize: decimal('500'),
    ask: decimal('183'),
    askSize: decimal('500'),
  };
  journal.push(...engine.onQuotes([quote], AT));
  const keep = (outcome: Outcome | object): WireReport[] => {
    assert.ok('entries' in outcome, JSON.stringify(outcome));
    journal.push(...outcome.entries);
    return outcome.reports.map((text) => JSON.parse(text) as WireReport);
  };
  const terms = { clOrdId: 'o-1', symbol: 'IBM', side: 'buy' as const, type: 'market', timeInForce: 'day' };
  const execId = keep(engine.enter({ ...terms, quantity: decimal('100') }, AT)).at(-1)?.execId ?? '';
  return { engine, journal, keep, execId };
}

describe('trades that the operator of the venue busts and corrects', () => {
  it('busts a filled order, which ends with what it got back, or works again', () => {
    const { engine, keep, execId } = filledVenue();
    const [bust, end] = keep(engine.bust(execId, {}, AT));
    assert.deepEqual(
      [bust?.kind, bust?.execRefId, bust?.cumQty, bust?.leavesQty],
      ['bust', execId, '0', '0'],
    );
    assert.equal(end?.kind, 'cancelled');
    const other = filledVenue();
    const again = other.keep(other.engine.bust(other.execId, { reinstate: true }, AT));
    assert.deepEqual(
      again.map(({ kind }) => kind),
      ['bust', 'fill'],
    );
    assert.equal(other.engine.state.orders[0]?.cumQty, '100');
  });

  it('corrects along the chain, and refuses everything else with nothing changed', () => {
    const { engine, keep, execId } = filledVenue();
    const terms = { lastQty: decimal('100'), lastPx: decimal('182.5') };
    const [correct] = keep(engine.correct(execId, terms, AT));
    assert.deepEqual(
      [correct?.kind, correct?.lastPx, correct?.fee, correct?.cumQty],
      ['correct', '182.5', '0.1', '100'],
    );
    const code = (outcome: object): unknown => (outcome as { code?: unknown }).code;
    const known = engine.state.log.length;
    assert.equal(code(engine.bust(execId, {}, AT)), 'NOT_LAST_OF_CHAIN');
    assert.equal(code(engine.bust('e-99', {}, AT)), 'UNKNOWN_EXECUTION');
    const last = correct?.execId ?? '';
    assert.equal(code(engine.correct(last, { ...terms, lastQty: decimal('101') }, AT)), 'MALFORMED_REQUEST');
    assert.equal(engine.state.log.length, known);
    keep(engine.bust(last, {}, AT));
    const gone = keep(engine.status('o-1') ?? {}).filter(({ kind }) => kind === 'bust')[0]?.execId ?? '';
    assert.equal(code(engine.bust(gone, {}, AT)), 'ALREADY_BUSTED');
  });

  it('is as it was after a restart', () => {
    const { engine, journal, keep, execId } = filledVenue();
    keep(engine.bust(execId, {}, AT));
    const restarted = new VenueEngine(rules);
    for (const line of journal) restarted.state.apply(JSON.parse(line) as JournalEntry);
    assert.deepEqual(restarted.status('o-1')?.order, engine.status('o-1')?.order);
    assert.deepEqual(restarted.state.log, engine.state.log);
    assert.ok('code' in restarted.bust(execId, {}, AT));
  });
});
