import assert from 'node:assert/strict';
import { Decimal128 } from 'mongodb';
import fc from 'fast-check';
import { decimal } from '../../../domain/money/decimal';
import {
  fromDecimal128,
  fromStored,
  fromStoredExactly,
  toDecimal128,
  toStored,
} from '../../../storage/decimal128';

describe('Decimal128', () => {
  it('gives back every decimal that it took', () => {
    const digits = fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n });
    fc.assert(
      fc.property(digits, fc.nat({ max: 20 }), (value, places) => {
        const text = value
          .toString()
          .replace('-', '')
          .padStart(places + 1, '0');
        const sign = value < 0n ? '-' : '';
        const cut = text.length - places;
        const written = places === 0 ? `${sign}${text}` : `${sign}${text.slice(0, cut)}.${text.slice(cut)}`;
        const original = decimal(written);
        assert.equal(fromDecimal128(toDecimal128(original)), original);
      }),
    );
  });

  for (const [stored, plain] of [
    ['1E+3', '1000'],
    ['1.5E-9', '0.0000000015'],
    ['-1.20E+1', '-12'],
    ['0E+3', '0'],
    ['123E-5', '0.00123'],
    ['1.50', '1.5'],
  ]) {
    it(`reads ${stored} as ${plain}`, () => assert.equal(fromDecimal128(new Decimal128(stored!)), plain));
  }

  it('refuses what is not a finite number, and digits that it cannot hold', () => {
    assert.throws(() => fromDecimal128(new Decimal128('NaN')), RangeError);
    assert.throws(() => toDecimal128(`1.${'1'.repeat(40)}` as never));
  });
});

describe('stored documents', () => {
  it('are refused, where orders are decided by them, when an amount was written as a number', () => {
    const byHand = { symbol: 'IBM', ticks: [{ from: new Decimal128('0'), tickSize: 0.05 }], revision: 2 };
    assert.throws(() => fromStoredExactly(byHand as never), /tickSize is stored as the number 0\.05/);
  });

  it('hold amounts as Decimal128 at any depth, and come back as they were', () => {
    const record = {
      quantity: decimal('100'),
      limitPrice: null,
      state: 'new',
      report: {
        lastPx: decimal('1.5'),
        transactTime: '2026-01-01T00:00:00Z',
        legs: [{ fee: decimal('0.001') }],
      },
      reasons: [{ code: 'X', value: '100', limit: '50' }],
    };
    const stored = toStored({ ...record, missing: undefined });
    assert.ok(stored.quantity instanceof Decimal128);
    assert.ok((stored.report.legs[0]!.fee as unknown) instanceof Decimal128);
    assert.equal(stored.reasons[0]!.value, '100');
    assert.ok(!('missing' in stored));
    assert.deepEqual(fromStored(stored), record);
  });

  it('leave dates alone', () => {
    const at = new Date(0);
    assert.equal((fromStored(toStored({ at })) as { at: Date }).at, at);
  });
});
