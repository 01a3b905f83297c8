import assert from 'node:assert/strict';
import {
  isSettlementDay,
  settleAtOf,
  settlementCycleOf,
  settlementDateOf,
  stampSettlement,
} from '../../../domain/calendar/settlement-dates';
import { decimal } from '../../../domain/money/decimal';
import type { ExecutionReport } from '../../../domain/order/execution-report';

const FILL: ExecutionReport = {
  venue: 'XSIM',
  kind: 'fill',
  execId: 'e1',
  clOrdId: 'o1-1',
  orderId: 'o1',
  lastQty: decimal('100'),
  lastPx: decimal('182.5'),
  transactTime: '2026-11-25T16:00:00.000Z',
};

describe('the settlement date', () => {
  it('follows the cycle in force on the trade date', () => {
    const cycles = ['2017-09-01', '2017-09-05', '2024-05-24', '2024-05-28'].map((date) =>
      settlementCycleOf('XNYS', date),
    );
    assert.deepEqual(cycles, [3, 2, 2, 1]);
    assert.equal(settlementDateOf('XNYS', '2017-09-01'), '2017-09-07');
    assert.equal(settlementDateOf('XNYS', '2017-09-05'), '2017-09-07');
    // Both days of the change to T+1 settle together.
    assert.equal(settlementDateOf('XNYS', '2024-05-24'), '2024-05-29');
    assert.equal(settlementDateOf('XNYS', '2024-05-28'), '2024-05-29');
  });

  it('is not counted over days on which exchanges trade but banks are closed', () => {
    assert.equal(isSettlementDay('XNYS', '2026-10-12'), false);
    assert.equal(isSettlementDay('XNYS', '2026-11-11'), false);
    assert.equal(settlementDateOf('XNYS', '2024-10-11'), '2024-10-15');
    assert.equal(settlementDateOf('XNYS', '2024-10-14'), '2024-10-15');
    assert.equal(settlementDateOf('XNYS', '2015-10-08'), '2015-10-14');
  });

  it('skips weekends and holidays', () => {
    assert.equal(settlementDateOf('XNYS', '2026-11-25'), '2026-11-27');
    assert.equal(settlementDateOf('XNYS', '2026-04-02'), '2026-04-06');
    assert.equal(settlementDateOf('XLON', '2025-04-16'), '2025-04-22');
    assert.equal(settlementDateOf('XTKS', '2019-07-12'), '2019-07-18');
    assert.equal(settlementDateOf('XTKS', '2019-07-16'), '2019-07-18');
  });

  it('skips the half days of Hong Kong, which trade but do not settle', () => {
    assert.equal(isSettlementDay('XHKG', '2021-02-11'), false);
    assert.equal(settlementDateOf('XHKG', '2021-02-09'), '2021-02-16');
  });

  it('is that of New York for the simulated venue, whose weekend trades settle on Monday', () => {
    assert.equal(settlementDateOf('XSIM', '2026-01-03'), '2026-01-05');
    assert.equal(settlementDateOf('XSIM', '2026-01-05'), '2026-01-06');
  });
});

describe('the settlement instant', () => {
  it('is the beginning of the day in the market’s zone, or soon after the execution in the demo profile', () => {
    const calendar = { mode: 'calendar' } as const;
    assert.equal(settleAtOf('XNYS', '2026-11-27', calendar, FILL.transactTime), '2026-11-27T05:00:00Z');
    assert.equal(settleAtOf('XTKS', '2026-11-27', calendar, FILL.transactTime), '2026-11-26T15:00:00Z');
    const demo = { mode: 'demo', delayMs: 2_000 } as const;
    assert.equal(settleAtOf('XSIM', '2026-11-27', demo, FILL.transactTime), '2026-11-25T16:00:02.000Z');
  });
});

describe('stamping a report', () => {
  const calendar = { mode: 'calendar' } as const;

  it('dates fills and corrections', () => {
    const stamped = stampSettlement(FILL, 'XSIM', calendar);
    assert.deepEqual(
      [stamped.tradeDate, stamped.settlementDate, stamped.settleAt],
      ['2026-11-25', '2026-11-27', '2026-11-27T05:00:00Z'],
    );
    assert.equal(stampSettlement({ ...FILL, kind: 'correct' }, 'XSIM', calendar).tradeDate, '2026-11-25');
  });

  it('gives the next trade date after 17:00 New York, whatever was asked before', () => {
    const dates = ['2026-11-25T21:59:59Z', '2026-11-25T22:00:00Z', '2026-11-25T21:59:59Z'].map(
      (transactTime) => {
        const { tradeDate, settlementDate } = stampSettlement({ ...FILL, transactTime }, 'XSIM', calendar);
        return `${tradeDate} ${settlementDate}`;
      },
    );
    assert.deepEqual(dates, ['2026-11-25 2026-11-27', '2026-11-26 2026-11-27', '2026-11-25 2026-11-27']);
  });

  it('keeps the trade date of an exchange after its close', () => {
    const dates = [
      '2026-01-05T20:59:00Z',
      '2026-01-05T21:30:00Z',
      '2026-01-06T15:00:00Z',
      '2026-01-07T04:00:00Z',
    ];
    const stamped = dates.map(
      (transactTime) => stampSettlement({ ...FILL, transactTime }, 'XNYS', calendar).tradeDate,
    );
    assert.deepEqual(stamped, ['2026-01-05', '2026-01-05', '2026-01-06', '2026-01-06']);
  });

  it('leaves what the venue stated, and every other report', () => {
    const stated = stampSettlement(
      { ...FILL, tradeDate: '2026-11-20', settlementDate: '2026-11-30' },
      'XSIM',
      calendar,
    );
    assert.deepEqual([stated.tradeDate, stated.settlementDate], ['2026-11-20', '2026-11-30']);
    assert.equal(stated.settleAt, '2026-11-30T05:00:00Z');
    const accepted: ExecutionReport = { ...FILL, kind: 'accepted' };
    assert.equal(stampSettlement(accepted, 'XSIM', calendar), accepted);
  });
});
