import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tickTableFaults } from '../../../domain/instrument/instrument-faults';
import {
  coarsestTick,
  finestTick,
  isOnTick,
  nearestText,
  nearestValidPrices,
  nearestValidQuantities,
  tickAt,
  type TickTable,
} from '../../../domain/instrument/valid-values';
import { compare, decimal, nearestMultiples, type Decimal } from '../../../domain/money/decimal';

/** Prices are counted in ten-thousandths here, so that every valid price can be listed with whole numbers. */
const UNIT_PLACES = 4;
const PRICE_MAX = 3_000;

function unitsToDecimal(units: number): Decimal {
  const text = String(Math.abs(units)).padStart(UNIT_PLACES + 1, '0');
  const point = text.length - UNIT_PLACES;
  return decimal(`${units < 0 ? '-' : ''}${text.slice(0, point)}.${text.slice(point)}`);
}

interface UnitBand {
  from: number;
  tick: number;
}

/** Tables whose bands begin at multiples of their own tick, as the rules ask. */
const tables = fc
  .array(fc.record({ tick: fc.integer({ min: 1, max: 60 }), steps: fc.integer({ min: 1, max: 20 }) }), {
    maxLength: 4,
  })
  .chain((bands) =>
    fc.integer({ min: 1, max: 60 }).map((firstTick) => {
      const table: UnitBand[] = [{ from: 0, tick: firstTick }];
      for (const { tick, steps } of bands) {
        const last = table.at(-1)?.from ?? 0;
        table.push({ from: (Math.floor(last / tick) + steps) * tick, tick });
      }
      return table;
    }),
  );

const asTickTable = (bands: readonly UnitBand[]): TickTable =>
  bands.map(({ from, tick }) => ({ from: unitsToDecimal(from), tickSize: unitsToDecimal(tick) }));

/** Every valid price in units, by counting: no rule of the code under test is used. */
function validUnits(bands: readonly UnitBand[]): number[] {
  const valid: number[] = [];
  for (let units = -200; units <= PRICE_MAX + 200; units += 1) {
    const band = bands.findLast(({ from }) => from <= units) ?? bands[0];
    if (band !== undefined && units % band.tick === 0) valid.push(units);
  }
  return valid;
}

// Goal: the values named in a refusal are valid, and no valid one is nearer. Method: fast-check against a list of all
// valid prices that is made by counting.
describe('valid prices and quantities', () => {
  const TABLE: TickTable = [
    { from: decimal('0'), tickSize: decimal('0.0001') },
    { from: decimal('1'), tickSize: decimal('0.01') },
  ];

  it('finds the step of a price; the edge belongs to the band that begins there', () => {
    assert.equal(tickAt(TABLE, decimal('0.9999')), '0.0001');
    assert.equal(tickAt(TABLE, decimal('1')), '0.01');
    assert.equal(tickAt(TABLE, decimal('-5')), '0.0001');
    assert.equal(coarsestTick(TABLE), '0.01');
  });

  it('names the neighbours across the edge of a band, and within the bounds only', () => {
    assert.deepEqual(nearestValidPrices(decimal('0.99995'), TABLE), { below: '0.9999', above: '1' });
    assert.deepEqual(nearestValidPrices(decimal('1.005'), TABLE), { below: '1', above: '1.01' });
    const range = { min: decimal('1'), max: decimal('2') };
    assert.deepEqual(nearestValidPrices(decimal('0.5'), TABLE, range), { above: '1' });
    assert.deepEqual(nearestValidPrices(decimal('2.001'), TABLE, range), { below: '2' });
    assert.deepEqual(nearestValidPrices(decimal('1.5'), TABLE, range), { below: '1.5', above: '1.5' });
    assert.equal(nearestText({ below: decimal('1.5'), above: decimal('1.5') }), 'Nearest valid: 1.5.');
    assert.equal(nearestText({}), '');
  });

  it('finds the nearest valid prices of any table, as counting does', () => {
    fc.assert(
      fc.property(
        tables,
        fc.integer({ min: -100, max: PRICE_MAX }),
        fc.integer({ min: -50, max: 1_000 }),
        fc.integer({ min: 0, max: 1_000 }),
        (bands, units, min, width) => {
          const table = asTickTable(bands);
          assert.deepEqual(tickTableFaults(table, ['ticks']), []);
          const valid = validUnits(bands);
          const price = unitsToDecimal(units);
          assert.equal(isOnTick(table, price), valid.includes(units));
          const expected = (allowed: readonly number[]) => {
            const below = allowed.findLast((candidate) => candidate <= units);
            const above = allowed.find((candidate) => candidate >= units);
            return {
              ...(below !== undefined && { below: unitsToDecimal(below) }),
              ...(above !== undefined && { above: unitsToDecimal(above) }),
            };
          };
          assert.deepEqual(nearestValidPrices(price, table), expected(valid));
          const max = min + width;
          const range = { min: unitsToDecimal(min), max: unitsToDecimal(max) };
          const inside = valid.filter((candidate) => candidate >= min && candidate <= max);
          assert.deepEqual(nearestValidPrices(price, table, range), expected(inside));
        },
      ),
    );
  });

  it('names quantities on the lot, and never nothing', () => {
    const lot = decimal('100');
    assert.deepEqual(nearestValidQuantities(decimal('150'), lot), { below: '100', above: '200' });
    assert.deepEqual(nearestValidQuantities(decimal('50'), lot), { above: '100' });
    const range = { min: decimal('100'), max: decimal('250') };
    assert.deepEqual(nearestValidQuantities(decimal('270'), lot, range), { below: '200' });
  });

  it('is exact at 30 digits, where a division would round', () => {
    const digits = fc.bigInt({ min: 1n, max: 10n ** 30n - 1n });
    fc.assert(
      fc.property(digits, digits, (value, step) => {
        const { below, above } = nearestMultiples(decimal(String(value)), decimal(String(step)));
        assert.equal(below, String(value - (value % step)));
        assert.equal(above, String(value % step === 0n ? value : value - (value % step) + step));
        const negative = nearestMultiples(decimal(String(-value)), decimal(String(step)));
        assert.deepEqual(negative, {
          below: above === '0' ? '0' : `-${above}`,
          above: below === '0' ? '0' : `-${below}`,
        });
        assert.ok(compare(below, above) <= 0);
      }),
    );
    const tiny = decimal('0.000000000000000000000000000007');
    const { below, above } = nearestMultiples(decimal('99999999999999999999999999999'), tiny);
    assert.ok(compare(below, decimal('99999999999999999999999999999')) <= 0 && compare(above, below) >= 0);
    assert.throws(() => nearestMultiples(decimal('1'), decimal('0')), RangeError);
  });

  it('takes prices of up to eight places where no step is asked for', () => {
    const free: TickTable = [{ from: decimal('0'), tickSize: decimal('0') }];
    assert.equal(isOnTick(free, decimal('1.00000001')), true);
    assert.deepEqual(nearestValidPrices(decimal('1.000000015'), free), {
      below: '1.00000001',
      above: '1.00000002',
    });
    assert.deepEqual([finestTick(free), finestTick(TABLE)], ['0.00000001', '0.0001']);
  });

  it('refuses tables whose edges are no valid prices, and those out of order', () => {
    const faults = (...bands: [string, string][]) =>
      tickTableFaults(
        bands.map(([from, tickSize]) => ({ from: decimal(from), tickSize: decimal(tickSize) })),
        ['ticks'],
      ).map(({ path }) => path.join('.'));
    assert.deepEqual(faults(['0', '0.01']), []);
    assert.deepEqual(faults(['0', '0']), []);
    assert.deepEqual(faults(), ['ticks']);
    assert.deepEqual(faults(['0.5', '0.5']), ['ticks.0.from']);
    assert.deepEqual(faults(['0', '0.01'], ['1.005', '0.01']), ['ticks.1.from']);
    assert.deepEqual(faults(['0', '0.01'], ['5', '0.05'], ['5', '0.1']), ['ticks.2.from']);
    assert.deepEqual(faults(['0', '0'], ['1', '0.01']), ['ticks.0.tickSize']);
    assert.deepEqual(faults(['0', '-0.01']), ['ticks.0.tickSize']);
  });
});
