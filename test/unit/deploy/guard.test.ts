import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadConfig } from '../../../config/config';
import { guardedVenues, loadVenueProfiles } from '../../../config/venue-profiles';
import { isInSession } from '../../../domain/calendar/day-end';
import { guardedHoursAt, type GuardedVenue } from '../../../domain/calendar/guarded-hours';
import { decideGuard, DEPLOY_ACTIONS, overrideFaults } from '../../../tools/deploy/guard/guard-rules';
import { marketHours, waitForWindow } from '../../../tools/deploy/guard/market-hours';

// Goal: routing does not change inside a guarded session, and the next window is the first instant without any.
// Method: known days of five exchanges, and a law over random instants and sets of venues against `isInSession`.

const venue = (mic: string, more: Partial<GuardedVenue> = {}): GuardedVenue => ({
  venue: mic,
  mic,
  guardBreaks: false,
  guardMinutesBeforeOpen: 0,
  guardMinutesAfterClose: 0,
  ...more,
});
const hours = (venues: GuardedVenue[], at: string) => guardedHoursAt(venues, at);
const windowOf = (venues: GuardedVenue[], at: string): string | undefined => {
  const found = hours(venues, at);
  return found.open ? found.nextWindowAt : undefined;
};

describe('guarded hours', () => {
  it('end at the close, also at an early one, and the close itself is a window', () => {
    assert.deepEqual(hours([venue('XNYS')], '2026-11-25T15:00:00.000Z'), {
      open: true,
      venues: [{ venue: 'XNYS', mic: 'XNYS', closesAt: '2026-11-25T21:00:00Z' }],
      nextWindowAt: '2026-11-25T21:00:00Z',
    });
    assert.equal(windowOf([venue('XNYS')], '2026-11-27T15:00:00Z'), '2026-11-27T18:00:00Z');
    assert.deepEqual(hours([venue('XNYS')], '2026-11-27T18:00:00Z'), { open: false });
    assert.deepEqual(hours([venue('XNYS')], '2026-11-26T15:00:00Z'), { open: false }, 'Thanksgiving');
    assert.deepEqual(hours([venue('XNYS')], '2026-11-28T15:00:00Z'), { open: false }, 'Saturday');
  });

  it('leave the lunch break free, unless the profile guards it', () => {
    const morning = '2026-11-25T01:00:00Z';
    assert.equal(windowOf([venue('XTKS')], morning), '2026-11-25T02:30:00Z');
    assert.deepEqual(hours([venue('XTKS')], '2026-11-25T03:00:00Z'), { open: false });
    assert.equal(windowOf([venue('XTKS', { guardBreaks: true })], morning), '2026-11-25T06:30:00Z');
  });

  it('go on while sessions in other zones overlap', () => {
    const asia = [venue('XTKS'), venue('XHKG')];
    // Tokyo breaks while Hong Kong trades, and Hong Kong breaks when Tokyo is back.
    assert.equal(windowOf(asia, '2026-11-25T02:45:00Z'), '2026-11-25T08:00:00Z');
    // In winter London opens at the very close of Hong Kong, and New York before London closes.
    const all = [...asia, venue('XLON'), venue('XNYS')];
    assert.equal(windowOf(all, '2026-11-25T02:45:00Z'), '2026-11-25T21:00:00Z');
    assert.equal(windowOf([venue('XLON'), venue('XNYS')], '2026-11-25T08:00:00Z'), '2026-11-25T21:00:00Z');
  });

  it('are wider by the margins of the profile, across midnight too', () => {
    const wide = [venue('XNYS', { guardMinutesBeforeOpen: 30, guardMinutesAfterClose: 600 })];
    assert.equal(windowOf(wide, '2026-11-25T14:00:00Z'), '2026-11-26T07:00:00Z');
    assert.equal(windowOf(wide, '2026-11-26T06:59:59Z'), '2026-11-26T07:00:00Z');
    assert.deepEqual(hours(wide, '2026-11-25T13:59:59Z'), { open: false });
  });

  it('have a window that is the first instant in no session, from every instant', () => {
    const mics = fc.subarray(['XNYS', 'XLON', 'XTKS', 'XHKG'], { minLength: 1 });
    const from = Date.parse('2024-01-02T00:00:00Z');
    fc.assert(
      fc.property(mics, fc.integer({ min: 0, max: 3 * 365 * 1440 }), (names, minute) => {
        const inAny = (ms: number) => names.some((mic) => isInSession(mic, new Date(ms).toISOString()));
        const atMs = from + minute * 60_000;
        const found = hours(
          names.map((mic) => venue(mic)),
          new Date(atMs).toISOString(),
        );
        assert.equal(found.open, inAny(atMs));
        if (!found.open) return;
        const windowMs = Date.parse(found.nextWindowAt);
        assert.equal(inAny(windowMs), false);
        for (let ms = atMs; ms < windowMs; ms += 15 * 60_000) assert.equal(inAny(ms), true);
        assert.equal(inAny(windowMs - 1_000), true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('deploy guard', () => {
  const open = hours([venue('XNYS')], '2026-11-25T15:00:00Z');
  const whole = { reason: 'the fix of incident 4711 cannot wait', people: ['Jane Doe', 'Ravi Patel'] };

  it('refuses what changes routing in a session, and says when the window opens', () => {
    for (const action of ['canary', 'promote'] as const) {
      const decision = decideGuard(action, open);
      assert.ok(!decision.allowed);
      assert.equal(decision.nextWindowAt, '2026-11-25T21:00:00Z');
      assert.match(decision.message, /XNYS is in session until 2026-11-25T21:00:00Z.*window opens at/);
    }
  });

  it('allows everything in a window, rollback always, and what leaves routing alone', () => {
    for (const action of DEPLOY_ACTIONS) assert.equal(decideGuard(action, { open: false }).allowed, true);
    for (const action of ['rollback', 'start', 'drain', 'stop'] as const)
      assert.equal(decideGuard(action, open).allowed, true);
  });

  it('is overridden with a reason by two different people, and by nothing less', () => {
    assert.deepEqual(decideGuard('canary', open, whole), {
      allowed: true,
      because: 'override',
      override: whole,
    });
    const less = [
      { ...whole, reason: '   short   ' },
      { ...whole, people: ['Jane Doe'] },
      { ...whole, people: [] },
      { ...whole, people: ['Jane Doe', ' JANE  DOE '] },
      { ...whole, people: ['jane.doe', 'Jane Doe'] },
      { ...whole, people: ['Jane Doe', '42'] },
      { ...whole, people: ['Jane Doe', 'Ravi Patel', 'Ana Lima'] },
    ];
    for (const override of less) {
      assert.notDeepEqual(overrideFaults(override), [], JSON.stringify(override));
      assert.equal(decideGuard('canary', open, override).allowed, false);
    }
  });

  it('never lets one person through, however the name is written', () => {
    const spelled = fc.tuple(
      fc.constantFrom('', ' ', '  '),
      fc.constantFrom('.', ' ', '_', '-'),
      fc.boolean(),
    );
    fc.assert(
      fc.property(spelled, spelled, ([a, b, c], [d, e, f]) => {
        const name = (pad: string, between: string, upper: boolean) => {
          const text = `${pad}jane${between}doe${pad}`;
          return upper ? text.toUpperCase() : text;
        };
        const override = { ...whole, people: [name(a, b, c), name(d, e, f)] };
        assert.equal(decideGuard('promote', open, override).allowed, false);
      }),
    );
  });
});

describe('venue profiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steadfill-venues-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (content: unknown): string => {
    const path = join(folder, 'venues.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  it('of the demo guard nothing', async () => {
    assert.deepEqual(guardedVenues(loadVenueProfiles()), []);
    assert.deepEqual(await marketHours({ config: loadConfig({}) }, '2026-11-25T15:00:00Z'), { open: false });
  });

  it('are those of the file that is set, and guard by default', async () => {
    const config = loadConfig({ STEADFILL_VENUES_FILE: file({ venues: [{ venue: 'NYSE', mic: 'XNYS' }] }) });
    const found = await marketHours({ config }, '2026-11-25T15:00:00Z');
    assert.ok(found.open);
    assert.equal(found.venues[0]?.venue, 'NYSE');
  });

  it('stop the deployment when they do not fit, with every fault', () => {
    const faulty = {
      venues: [
        { venue: 'A', mic: 'XPAR' },
        { venue: 'XSIM', mic: 'XSIM', guarded: true, x: 1 },
      ],
    };
    assert.throws(() => loadVenueProfiles(file(faulty)), /venues\.0\.mic: has no calendar[\s\S]*venues\.1/);
    assert.throws(
      () => loadVenueProfiles(file({ venues: [{ venue: 'X', mic: 'XSIM' }] })),
      /round the clock/,
    );
    const twice = { venue: 'A', mic: 'XNYS' };
    assert.throws(() => loadVenueProfiles(file({ venues: [twice, twice] })), /twice/);
    assert.throws(() => loadVenueProfiles(file('{')), /venues\.json/);
    assert.throws(() => loadVenueProfiles(join(folder, 'missing.json')), /no such file/);
  });

  it('are waited for until the window opens, however the clock moves', async () => {
    const config = loadConfig({ STEADFILL_VENUES_FILE: file({ venues: [{ venue: 'NYSE', mic: 'XNYS' }] }) });
    let nowMs = Date.parse('2026-11-25T20:00:00Z');
    const said: string[] = [];
    await waitForWindow({ config, nowMs: () => nowMs, say: (line) => said.push(line) }, (ms) => {
      nowMs += ms;
      return Promise.resolve();
    });
    assert.equal(new Date(nowMs).toISOString(), '2026-11-25T21:00:00.000Z');
    assert.deepEqual(said, ['Waiting for the window that opens at 2026-11-25T21:00:00Z.']);
  });
});
