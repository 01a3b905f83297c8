import assert from 'node:assert/strict';
import { dayEndOf, isInSession, tradeDateOf } from '../../../domain/calendar/day-end';

describe('the end of a day order', () => {
  it('is the next 17:00 New York on the simulated venue, across a change of clocks and on weekends', () => {
    assert.equal(dayEndOf('XSIM', '2026-01-05T15:00:00.000Z'), '2026-01-05T22:00:00Z');
    assert.equal(dayEndOf('XSIM', '2026-01-05T21:59:59.999Z'), '2026-01-05T22:00:00Z');
    assert.equal(dayEndOf('XSIM', '2026-01-05T22:00:00.000Z'), '2026-01-06T22:00:00Z');
    assert.equal(dayEndOf('XSIM', '2026-03-07T23:00:00Z'), '2026-03-08T21:00:00Z');
    assert.equal(dayEndOf('XSIM', '2026-10-31T22:00:00Z'), '2026-11-01T22:00:00Z');
  });

  it('is the close of the session that runs or comes next, early closes included', () => {
    assert.equal(dayEndOf('XNYS', '2026-11-27T15:00:00Z'), '2026-11-27T18:00:00Z');
    assert.equal(dayEndOf('XNYS', '2026-11-27T18:00:00Z'), '2026-11-30T21:00:00Z');
    assert.equal(dayEndOf('XNYS', '2026-11-26T15:00:00Z'), '2026-11-27T18:00:00Z');
    assert.equal(dayEndOf('XTKS', '2026-01-01T00:30:00Z'), '2026-01-05T06:30:00Z');
  });

  it('does not depend on the order of the questions', () => {
    const instants = [
      '2026-01-06T01:00:00Z',
      '2026-01-05T01:00:00Z',
      '2026-01-06T01:00:00Z',
      '2026-01-05T22:00:00Z',
    ];
    assert.deepEqual(
      instants.map((instant) => dayEndOf('XSIM', instant)),
      ['2026-01-06T22:00:00Z', '2026-01-05T22:00:00Z', '2026-01-06T22:00:00Z', '2026-01-06T22:00:00Z'],
    );
  });
});

describe('being in session', () => {
  it('excludes the break and the close', () => {
    const asked = ['00:00', '02:29', '02:30', '03:29', '03:30', '06:29', '06:30'];
    const answers = asked.map((time) => isInSession('XTKS', `2026-01-05T${time}:00Z`));
    assert.deepEqual(answers, [true, true, false, false, true, true, false]);
  });

  it('is always true at the simulated venue, and never on a holiday elsewhere', () => {
    assert.equal(isInSession('XSIM', '2026-12-25T03:00:00Z'), true);
    assert.equal(isInSession('XSIM', '2026-12-25T22:00:00Z'), true);
    assert.equal(isInSession('XNYS', '2026-12-25T15:00:00Z'), false);
  });
});

describe('the trade date', () => {
  it('changes at 17:00 New York on the simulated venue', () => {
    assert.equal(tradeDateOf('XSIM', '2026-01-05T21:59:59Z'), '2026-01-05');
    assert.equal(tradeDateOf('XSIM', '2026-01-05T22:00:00Z'), '2026-01-06');
  });

  it('is the day in the exchange’s own zone', () => {
    assert.equal(tradeDateOf('XTKS', '2026-01-05T00:30:00Z'), '2026-01-05');
    assert.equal(tradeDateOf('XNYS', '2026-01-06T00:30:00Z'), '2026-01-05');
    assert.equal(tradeDateOf('XNYS', '2026-01-03T15:00:00Z'), '2026-01-05');
  });
});
