import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addDays } from '../../../domain/calendar/civil-date';
import { putVersion, setLastDay, setWithdrawn } from '../../../domain/instrument/change-instrument';
import { DEMO_INSTRUMENTS } from '../../../domain/instrument/demo-instruments';
import { versionFaults } from '../../../domain/instrument/instrument-faults';
import {
  instrumentAt,
  instrumentOn,
  versionAt,
  versionOn,
  type InstrumentVersion,
  type VersionedInstrument,
} from '../../../domain/instrument/instrument-versions';
import { mergeVersions } from '../../../domain/instrument/merge-versions';
import { decimal } from '../../../domain/money/decimal';
import type { InstrumentRecord } from '../../../storage/collections';
import { recordOf, versionedOf } from '../../../storage/queries/instruments';

const { symbol: _symbol, ...IBM } = DEMO_INSTRUMENTS.find(({ symbol }) => symbol === 'IBM')!;
const TODAY = '2026-01-05';
const NOON = '2026-01-05T17:00:00.000Z';

const from = (effectiveFrom: string, change: Partial<InstrumentVersion> = {}): InstrumentVersion => ({
  ...IBM,
  effectiveFrom,
  ...change,
});
const CURRENT: VersionedInstrument = { symbol: 'IBM', revision: 3, versions: [IBM] };
const daysOf = ({ versions }: VersionedInstrument) =>
  versions.map(({ effectiveFrom, effectiveTo }) => `${effectiveFrom}..${effectiveTo ?? ''}`);
const codesOf = (change: ReturnType<typeof putVersion>) =>
  change.ok ? [] : change.faults.map(({ code, path }) => `${code} ${path.join('.')}`);
function nextOf(change: ReturnType<typeof putVersion>): VersionedInstrument {
  assert.ok(change.ok, JSON.stringify(change));
  return change.next;
}

describe('versions of an instrument', () => {
  const gap: VersionedInstrument = {
    symbol: 'IBM',
    revision: 1,
    versions: [from('2020-01-01', { effectiveTo: '2025-12-31' }), from('2026-02-02')],
  };

  it('hold on their days, both ends included, and nothing holds in a gap', () => {
    assert.equal(versionOn(gap, '2019-12-31'), undefined);
    assert.equal(versionOn(gap, '2020-01-01')?.effectiveFrom, '2020-01-01');
    assert.equal(versionOn(gap, '2025-12-31')?.effectiveFrom, '2020-01-01');
    assert.equal(versionOn(gap, '2026-01-01'), undefined);
    assert.equal(versionOn(gap, '2030-01-01')?.effectiveFrom, '2026-02-02');
  });

  it('change at midnight where the instrument is listed', () => {
    const tokyo = { ...gap, versions: gap.versions.map((version) => ({ ...version, listing: 'XTKS' })) };
    assert.equal(versionAt(gap, '2026-02-02T04:59:59.999Z'), undefined);
    assert.equal(versionAt(gap, '2026-02-02T05:00:00.000Z')?.effectiveFrom, '2026-02-02');
    assert.equal(versionAt(tokyo, '2026-02-01T14:59:59.999Z'), undefined);
    assert.equal(versionAt(tokyo, '2026-02-01T15:00:00.000Z')?.effectiveFrom, '2026-02-02');
    // In July clocks in London are an hour ahead of UTC.
    const london = { ...CURRENT, versions: [from('2026-07-06', { listing: 'XLON' })] };
    assert.equal(versionAt(london, '2026-07-05T22:59:59.000Z'), undefined);
    assert.equal(versionAt(london, '2026-07-05T23:00:00.000Z')?.effectiveFrom, '2026-07-06');
  });

  it('show in a gap what comes next, and after the end what was last', () => {
    assert.equal(instrumentAt(gap, NOON).effectiveFrom, '2026-02-02');
    const ended = { ...gap, versions: gap.versions.slice(0, 1) };
    assert.equal(instrumentAt(ended, NOON).effectiveFrom, '2020-01-01');
    assert.throws(() => instrumentAt({ ...gap, versions: [] }, NOON), RangeError);
  });

  it('are all stopped by a withdrawal, which says why', () => {
    const withdrawn = setWithdrawn(CURRENT, { by: 'risk-1', reason: 'merger', at: NOON });
    assert.equal(withdrawn.revision, 4);
    assert.deepEqual(
      [instrumentAt(withdrawn, NOON).tradable, instrumentOn(withdrawn, '2030-01-01')?.notTradableReason],
      [false, 'merger'],
    );
    assert.equal(setWithdrawn(withdrawn, { by: 'risk-2', reason: 'again', at: NOON }), withdrawn);
    const lifted = setWithdrawn(withdrawn, undefined);
    assert.deepEqual([lifted.revision, instrumentAt(lifted, NOON).tradable], [5, true]);
  });

  it('come from records of before there were versions, and are kept so that those who do not know them fail closed', () => {
    const { symbol, ...rules } = DEMO_INSTRUMENTS[0]!;
    const old: InstrumentRecord = { _id: symbol, ...rules };
    assert.deepEqual(versionedOf(old), { symbol, revision: 1, versions: [rules] });
    const changed = nextOf(
      putVersion(symbol, versionedOf(old), { ...rules, effectiveFrom: '2026-01-06' }, TODAY),
    );
    const record = recordOf(changed, NOON);
    assert.deepEqual([record.effectiveFrom, record.effectiveTo], ['2007-01-01', '2026-01-05']);
    assert.deepEqual(versionedOf(record), changed);
  });
});

describe('putting a version on record', () => {
  const put = (version: InstrumentVersion, current: VersionedInstrument | undefined = CURRENT) =>
    putVersion('IBM', current, version, TODAY);

  it('makes an instrument from any day on', () => {
    const next = nextOf(putVersion('NEW', undefined, from('2020-01-01'), TODAY));
    assert.deepEqual([next.revision, daysOf(next)], [1, ['2020-01-01..']]);
  });

  it('ends the version before, and keeps those after', () => {
    const first = nextOf(put(from('2026-03-02')));
    assert.deepEqual([first.revision, daysOf(first)], [4, ['2007-01-01..2026-03-01', '2026-03-02..']]);
    const second = nextOf(put(from('2026-02-02'), first));
    assert.deepEqual(daysOf(second), ['2007-01-01..2026-02-01', '2026-02-02..2026-03-01', '2026-03-02..']);
    const replaced = nextOf(put(from('2026-02-02', { lotSize: decimal('10') }), second));
    assert.equal(versionOn(replaced, '2026-02-02')?.lotSize, '10');
    assert.equal(put(from('2026-02-02', { effectiveTo: '2026-02-28' }), second).ok, true);
  });

  it('changes nothing when nothing is new', () => {
    const first = nextOf(put(from('2026-03-02')));
    assert.equal(nextOf(put(from('2026-03-02'), first)), first);
  });

  it('refuses a day that has begun, unless nothing held on it', () => {
    assert.deepEqual(codesOf(put(from('2026-01-05'))), ['INSTRUMENT_DATE_PAST effectiveFrom']);
    assert.deepEqual(codesOf(put(from('2020-01-01'))), ['INSTRUMENT_DATE_PAST effectiveFrom']);
    assert.deepEqual(codesOf(put(from('2026-01-06'))), []);
    const ended = { ...CURRENT, versions: [{ ...IBM, effectiveTo: '2025-12-31' }] };
    assert.deepEqual(codesOf(put(from('2026-01-05'), ended)), []);
    assert.deepEqual(codesOf(put(from('2026-01-04'), ended)), ['INSTRUMENT_DATE_PAST effectiveFrom']);
  });

  it('refuses an overlap, another currency or multiplier, and rules that contradict themselves', () => {
    const first = nextOf(put(from('2026-03-02')));
    assert.deepEqual(codesOf(put(from('2026-02-02', { effectiveTo: '2026-03-02' }), first)), [
      'INSTRUMENT_RULES_INVALID effectiveTo',
    ]);
    assert.deepEqual(codesOf(put(from('2026-02-02', { currency: 'EUR', multiplier: decimal('2') }))), [
      'INSTRUMENT_RULES_INVALID currency',
      'INSTRUMENT_RULES_INVALID multiplier',
    ]);
    assert.deepEqual(codesOf(put(from('2026-02-02', { priceMax: decimal('0') }))), [
      'INSTRUMENT_RULES_INVALID priceMax',
    ]);
  });

  it('ends and reopens the version of today', () => {
    const ended = nextOf(setLastDay(CURRENT, '2026-01-30', TODAY));
    assert.deepEqual([ended.revision, daysOf(ended)], [4, ['2007-01-01..2026-01-30']]);
    assert.deepEqual(daysOf(nextOf(setLastDay(ended, undefined, TODAY))), ['2007-01-01..']);
    assert.deepEqual(codesOf(setLastDay(CURRENT, '2026-01-04', TODAY)), ['INSTRUMENT_DATE_PAST effectiveTo']);
    assert.deepEqual(codesOf(setLastDay(ended, undefined, '2026-02-02')), [
      'INSTRUMENT_DATE_PAST effectiveTo',
    ]);
    const planned = nextOf(put(from('2026-03-02')));
    assert.deepEqual(codesOf(setLastDay(planned, '2026-03-02', TODAY)), [
      'INSTRUMENT_RULES_INVALID effectiveTo',
    ]);
  });

  it('never rewrites a day that has begun and never overlaps, whatever is put', () => {
    const days = fc.integer({ min: -20, max: 40 }).map((offset) => addDays(TODAY, offset));
    const versions = fc.record({
      effectiveFrom: days,
      effectiveTo: fc.option(days, { nil: undefined }),
      lot: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(versions, { maxLength: 12 }), (puts) => {
        let current = CURRENT;
        for (const { effectiveFrom, effectiveTo, lot } of puts) {
          const version = from(effectiveFrom, {
            lotSize: decimal(String(lot)),
            ...(effectiveTo !== undefined && { effectiveTo }),
          });
          const change = putVersion('IBM', current, version, TODAY);
          if (!change.ok) continue;
          for (let day = addDays(TODAY, -25); day <= TODAY; day = addDays(day, 1)) {
            assert.equal(versionOn(change.next, day)?.lotSize, versionOn(current, day)?.lotSize, day);
          }
          assert.equal(versionOn(change.next, effectiveFrom)?.lotSize, String(lot));
          current = change.next;
        }
        current.versions.forEach(({ effectiveFrom, effectiveTo }, index) => {
          const next = current.versions[index + 1];
          if (next !== undefined) assert.ok(effectiveTo !== undefined && effectiveTo < next.effectiveFrom);
          if (effectiveTo !== undefined) assert.ok(effectiveFrom <= effectiveTo);
        });
      }),
    );
  });
});

describe('merging the versions of a file', () => {
  const merge = (given: InstrumentVersion[], current: VersionedInstrument | undefined = CURRENT) =>
    mergeVersions('IBM', current, given, TODAY);

  it('takes what is new, and is the same when it is done again', () => {
    const given = [IBM, from('2026-02-02', { lotSize: decimal('10') })];
    const once = nextOf(merge(given));
    assert.deepEqual(daysOf(once), ['2007-01-01..2026-02-01', '2026-02-02..']);
    assert.equal(nextOf(merge(given, once)), once);
    assert.equal(nextOf(merge([IBM])), CURRENT);
  });

  it('replaces what has not begun, and may leave out what is over', () => {
    const current = nextOf(merge([IBM, from('2026-02-02')]));
    assert.deepEqual(daysOf(nextOf(merge([IBM, from('2026-03-02')], current))), [
      '2007-01-01..2026-03-01',
      '2026-03-02..',
    ]);
    const over = { ...CURRENT, versions: [{ ...IBM, effectiveTo: '2024-12-31' }, from('2025-06-02')] };
    assert.deepEqual(daysOf(nextOf(merge([from('2025-06-02')], over))), [
      '2007-01-01..2024-12-31',
      '2025-06-02..',
    ]);
    // What is over stays as it was, also where the file does not say when it ended.
    assert.equal(nextOf(merge([IBM, from('2025-06-02')], over)), over);
  });

  it('refuses to rewrite what has begun, and names the place', () => {
    assert.deepEqual(codesOf(merge([{ ...IBM, lotSize: decimal('10') }])), [
      'INSTRUMENT_DATE_PAST 0.lotSize',
    ]);
    assert.deepEqual(codesOf(merge([IBM, from('2026-01-05')])), ['INSTRUMENT_DATE_PAST 1.effectiveFrom']);
    assert.deepEqual(codesOf(merge([{ ...IBM, effectiveTo: '2025-12-31' }])), [
      'INSTRUMENT_DATE_PAST 0.effectiveTo',
    ]);
    assert.deepEqual(codesOf(merge([from('2026-02-02')])), ['INSTRUMENT_RULES_INVALID ']);
  });

  it('refuses versions that overlap or contradict themselves, all of them at once', () => {
    const given = [
      from('2026-01-01', { effectiveTo: '2026-02-10' }),
      from('2026-02-02'),
      from('2026-02-02', { currency: 'eur' }),
    ];
    assert.deepEqual(codesOf(mergeVersions('NEW', undefined, given, TODAY)), [
      'INSTRUMENT_RULES_INVALID 0.effectiveFrom',
      'INSTRUMENT_RULES_INVALID 2.currency',
      'INSTRUMENT_RULES_INVALID 2.currency',
      'INSTRUMENT_RULES_INVALID 2.effectiveFrom',
    ]);
  });
});

describe('rules of a version', () => {
  it('name every contradiction with its place', () => {
    const bad = from('2026-02-30', {
      listing: 'XXXX',
      currency: 'usd',
      lotSize: decimal('0'),
      quantityMax: decimal('0'),
      notionalMin: decimal('-1'),
    });
    assert.deepEqual(
      versionFaults(bad).map(({ path }) => path.join('.')),
      ['effectiveFrom', 'listing', 'currency', 'lotSize', 'quantityMax', 'notionalMin'],
    );
  });

  it('leave at least one price and one quantity', () => {
    const empty = from('2026-02-02', {
      tickSize: decimal('1'),
      priceMin: decimal('1.5'),
      priceMax: decimal('1.9'),
      lotSize: decimal('100'),
      quantityMin: decimal('10'),
      quantityMax: decimal('90'),
    });
    assert.deepEqual(
      versionFaults(empty).map(({ path }) => path.join('.')),
      ['priceMin', 'quantityMin'],
    );
  });

  it('keep the value of every order exact', () => {
    const messageOf = (change: Partial<InstrumentVersion>) =>
      versionFaults(from('2026-02-02', change))[0]?.message;
    assert.equal(messageOf({ tickSize: decimal('0') }), undefined);
    assert.match(
      messageOf({ tickSize: decimal('0'), lotSize: decimal('0.1') }) ?? '',
      /could have 28 digits/,
    );
    assert.match(messageOf({ tickSize: decimal('0.0000000000000001') }) ?? '', /could have 35 digits/);
  });
});
