// Goal: decimals are exact, canonical and never numbers. Method: compare with BigInt arithmetic on scaled integers.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as money from '../../../domain/money/decimal';
import { decimal, parseDecimal, type Decimal } from '../../../domain/money/decimal';

const SCALE = 12;
const UNIT = 10n ** BigInt(SCALE);
const LIMIT = 10n ** 24n;

/** The canonical decimal of a scaled integer, by string work alone. */
function ofScaled(value: bigint, scale: number = SCALE): Decimal {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  const whole = digits.slice(0, -scale);
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}` as Decimal;
}

/** Amounts of any size, and whole ones around what a JavaScript number holds exactly. */
const scaled = fc.oneof(
  fc.bigInt({ min: -LIMIT, max: LIMIT }),
  fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }).map((whole) => whole * UNIT),
  fc.bigInt({ min: -200n, max: 200n }).map((whole) => whole * UNIT),
);
const sign = (value: bigint) => (value > 0n ? 1 : value < 0n ? -1 : 0);

describe('decimal', function decimals() {
  this.timeout(60_000);

  it('takes plain decimals only, and makes them canonical', () => {
    const forms: [unknown, string | undefined][] = [
      ['100.00', '100'],
      ['-0', '0'],
      ['-0.000', '0'],
      ['0.10', '0.1'],
      ['123456789012345678901234567890', '123456789012345678901234567890'],
      ['0.00000000000000000000000001', '0.00000000000000000000000001'],
      ['1e3', undefined],
      ['+1', undefined],
      ['01', undefined],
      ['1.', undefined],
      ['.5', undefined],
      [' 1', undefined],
      ['', undefined],
      ['NaN', undefined],
      ['1'.repeat(40), undefined],
      [1, undefined],
      [null, undefined],
    ];
    for (const [text, expected] of forms) assert.equal(parseDecimal(text), expected, String(text));
    const zeros = fc
      .tuple(scaled, fc.integer({ min: 1, max: 5 }))
      .map(([value, count]): [string, Decimal] => {
        const canonical = ofScaled(value);
        return [`${canonical}${canonical.includes('.') ? '' : '.'}${'0'.repeat(count)}`, canonical];
      });
    fc.assert(fc.property(zeros, ([text, canonical]) => assert.equal(parseDecimal(text), canonical)));
    assert.throws(() => decimal('1e3'), RangeError);
  });

  it('adds, subtracts and compares exactly', () => {
    fc.assert(
      fc.property(scaled, scaled, (a, b) => {
        const [x, y] = [ofScaled(a), ofScaled(b)];
        assert.equal(decimal(x), x);
        assert.equal(money.add(x, y), ofScaled(a + b));
        assert.equal(money.subtract(x, y), ofScaled(a - b));
        assert.equal(money.compare(x, y), sign(a - b));
        assert.equal(money.maximum(x, y), a >= b ? x : y);
        assert.equal(money.minimum(x, y), a <= b ? x : y);
        assert.equal(money.negate(x), ofScaled(-a));
        assert.equal(money.absolute(x), ofScaled(a < 0n ? -a : a));
        assert.equal(money.isPositive(x), a > 0n);
        assert.equal(money.isNegative(x), a < 0n);
      }),
    );
  });

  it('tells apart what rounds to the same number', () => {
    const near = decimal('0.10000000000000000001');
    assert.equal(money.compare(near, decimal('0.1')), 1);
    assert.equal(money.compare(decimal('0.1'), near), -1);
    assert.equal(money.compare(near, near), 0);
  });

  it('refuses what is no decimal', () => {
    for (const wrong of ['no number', '', null, undefined] as Decimal[]) {
      assert.throws(() => money.compare(wrong, decimal('0.1')));
      assert.throws(() => money.compare(decimal('0.1'), wrong));
      assert.throws(() => money.compare(wrong, wrong));
      assert.throws(() => money.add(wrong, money.ZERO));
      assert.throws(() => money.subtract(money.ZERO, wrong));
    }
  });

  it('multiplies exactly', () => {
    fc.assert(
      fc.property(scaled, scaled, (a, b) => {
        assert.equal(money.multiply(ofScaled(a), ofScaled(b)), ofScaled(a * b, 2 * SCALE));
      }),
    );
  });

  it('sums in any order to the same', () => {
    fc.assert(
      fc.property(fc.array(scaled), (values) => {
        const expected = ofScaled(values.reduce((total, value) => total + value, 0n));
        assert.equal(money.sum(values.map((value) => ofScaled(value))), expected);
        assert.equal(money.sum(values.reverse().map((value) => ofScaled(value))), expected);
      }),
    );
  });

  it('divides half-even to the places asked for', () => {
    assert.equal(money.divide(decimal('1'), decimal('8'), 2), '0.12');
    assert.equal(money.divide(decimal('3'), decimal('8'), 2), '0.38');
    assert.equal(money.divide(decimal('-1'), decimal('8'), 2), '-0.12');
    assert.equal(money.divide(decimal('2'), decimal('3'), 8), '0.66666667');
    assert.throws(() => money.divide(decimal('1'), decimal('0'), 2), RangeError);
    const nonZero = scaled.filter((value) => value !== 0n);
    fc.assert(
      fc.property(scaled, nonZero, (a, b) => {
        const error = money.subtract(
          money.multiply(money.divide(ofScaled(a), ofScaled(b), 8), ofScaled(b)),
          ofScaled(a),
        );
        const halfUnit = money.multiply(decimal('0.000000005'), money.absolute(ofScaled(b)));
        assert.ok(money.compare(money.absolute(error), halfUnit) <= 0);
      }),
    );
  });

  it('rounds away from zero, towards it and half-even', () => {
    assert.equal(money.roundTo(decimal('-1.21'), 1, 'up'), '-1.3');
    assert.equal(money.roundTo(decimal('-1.29'), 1, 'down'), '-1.2');
    assert.equal(money.roundTo(decimal('1.25'), 1, 'halfEven'), '1.2');
  });

  it('knows multiples of a step and names the nearest ones', () => {
    fc.assert(
      fc.property(scaled, fc.bigInt({ min: 1n, max: UNIT }), (value, step) => {
        const isMultiple = value % step === 0n;
        assert.equal(money.isMultipleOf(ofScaled(value), ofScaled(step)), isMultiple);
        const { below, above } = money.nearestMultiples(ofScaled(value), ofScaled(step));
        assert.ok(money.compare(below, ofScaled(value)) <= 0 && money.compare(above, ofScaled(value)) >= 0);
        assert.equal(money.subtract(above, below), isMultiple ? '0' : ofScaled(step));
      }),
    );
    assert.equal(money.isMultipleOf(decimal('1.005'), money.ZERO), true);
  });
});
