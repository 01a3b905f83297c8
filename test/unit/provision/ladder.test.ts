import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { failureText } from '../../../tools/provision/failure-text';
import { climb, type Part, type Rung, type RungOutcome } from '../../../tools/provision/ladder';
import { showProgress } from '../../../tools/provision/progress';

const found: RungOutcome = { found: { value: '/bin/it', flavour: 'it', version: '1' } };
const rung = (name: string, attempt: Rung['attempt'], timeLimitMs = 1_000): Rung => ({
  name,
  timeLimitMs,
  attempt,
});
const part = (...rungs: Rung[]): Part => ({
  name: 'it',
  title: 'It 1',
  rungs,
  remedies: ['Install it, or', 'be patient.'],
});
const never = new AbortController().signal;

describe('climbing a ladder', () => {
  it('takes the first rung that finds the part and tries none after it', async () => {
    let tried = 0;
    const last = rung('last', async () => ({ movedOn: String((tried += 1)) }));
    const result = await climb(
      part(
        rung('first', async () => ({ movedOn: 'not set' })),
        rung('second', async () => found),
        last,
      ),
      () => undefined,
      never,
    );
    assert.ok(result.outcome === 'found' && result.rung === 'second');
    assert.deepEqual(
      result.attempts.map(({ rung: name, why }) => [name, why]),
      [['first', 'not set']],
    );
    assert.equal(tried, 0);
  });

  it('moves on from a rung that throws', async () => {
    const result = await climb(
      part(
        rung('first', async () => {
          throw new Error('disk is full');
        }),
        rung('second', async () => found),
      ),
      () => undefined,
      never,
    );
    assert.equal(result.attempts[0]?.why, 'disk is full');
  });

  it('gives up a rung that hangs, tells it so, and goes on', async () => {
    let told: AbortSignal | undefined;
    const hangs = rung(
      'hangs',
      ({ signal }) => ((told = signal), new Promise<RungOutcome>(() => undefined)),
      50,
    );
    const result = await climb(
      part(
        hangs,
        rung('second', async () => found),
      ),
      () => undefined,
      never,
    );
    assert.ok(result.outcome === 'found');
    assert.match(result.attempts[0]?.why ?? '', /took longer than 0 s/);
    assert.equal(told?.aborted, true);
  });

  it('stops at a refusal', async () => {
    const result = await climb(
      part(
        rung('named', async () => ({ refused: 'is broken' })),
        rung('second', async () => found),
      ),
      () => undefined,
      never,
    );
    assert.equal(result.outcome, 'failed');
    assert.equal(result.attempts.length, 1);
  });

  it('tries nothing more when the user gives up', async () => {
    const asked = new AbortController();
    const first = rung('first', async () => (asked.abort(), { movedOn: 'interrupted' }));
    const result = await climb(
      part(
        first,
        rung('second', async () => found),
      ),
      () => undefined,
      asked.signal,
    );
    assert.equal(result.outcome, 'failed');
    assert.equal(result.attempts.length, 1);
  });
});

describe('what the user reads', () => {
  const failing = part(
    rung('PATH', async () => ({ movedOn: 'no it on the PATH' })),
    rung('build', async ({ say }) => (say('building it'), { movedOn: 'failed:\nno compiler' })),
  );

  it('is one plain line for each thing that happens', async () => {
    const lines: string[] = [];
    const output = { isTTY: false, line: (text: string) => void lines.push(text) };
    await showProgress(
      [failing, part(rung('PATH', async () => found))],
      (one, say) => climb(one, say, never),
      output,
    );
    assert.deepEqual(lines.sort(), [
      '[it] PATH: no it on the PATH',
      '[it] build: building it',
      '[it] build: failed:\nno compiler',
      '[it] failed',
      '[it] ready: it 1 (PATH)',
    ]);
  });

  it('names after a failure what was tried and what to do', async () => {
    const result = await climb(failing, () => undefined, never);
    assert.equal(
      failureText([result]),
      [
        'It 1 could not be provisioned. Tried:',
        '  - PATH: no it on the PATH',
        '  - build: failed:',
        '      no compiler',
        'What you can do:',
        '  * Install it, or',
        '  * be patient.',
      ].join('\n'),
    );
  });
});
