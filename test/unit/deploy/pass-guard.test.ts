import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { loadConfig } from '../../../config/config';
import { readAudit } from '../../../tools/deploy/audit';
import { Refusal } from '../../../tools/deploy/outcome';
import { passGuard } from '../../../tools/deploy/pass-guard';
import type { RoutingContext } from '../../../tools/deploy/context';

// Goal: routing stays as it is in the session of a guarded venue, unless two people answer for it, and the record says so.
// Method: the guard as the commands call it, on a clock of the test and a venue that keeps New York's hours.
const CLOSE = '2026-11-25T21:00:00.000Z';
const IN_SESSION_MS = Date.parse('2026-11-25T17:00:00.000Z');

describe('guard of the deploy commands', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'steadfill-guard-'));
    const profiles = { venues: [{ venue: 'XNYS', mic: 'XNYS', guarded: true }] };
    writeFileSync(join(home, 'venues.json'), JSON.stringify(profiles));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const said: string[] = [];
  const contextAt = (nowMs: () => number, dryRun = false): RoutingContext => {
    const config = loadConfig({ STEADFILL_HOME: home, STEADFILL_VENUES_FILE: join(home, 'venues.json') });
    const say = (line: string): void => void said.push(line);
    // Nothing of Temporal is needed to refuse, or to let pass.
    return {
      config,
      home,
      say,
      nowMs,
      dryRun,
      by: 'test',
      deploymentName: 'd',
      namespace: 'n',
      client: {} as never,
    };
  };
  const stepsOnRecord = async (): Promise<string[]> => (await readAudit(home)).map(({ step }) => step);

  it('refuses inside a session with the time of the next window, on record', async () => {
    const refusal = await passGuard(
      contextAt(() => IN_SESSION_MS),
      'promote',
      {},
    ).catch((fault: unknown) => fault);
    assert.ok(refusal instanceof Refusal, String(refusal));
    assert.equal(Date.parse(String(refusal.data['nextWindowAt'])), Date.parse(CLOSE));
    assert.deepEqual(await stepsOnRecord(), ['refusedByGuard']);
  });

  it('lets pass after the close, and what changes no routing at any time', async () => {
    await passGuard(
      contextAt(() => Date.parse(CLOSE)),
      'canary',
      {},
    );
    await passGuard(
      contextAt(() => IN_SESSION_MS),
      'stop',
      {},
    );
    await passGuard(
      contextAt(() => IN_SESSION_MS),
      'rollback',
      {},
    );
    assert.deepEqual(await stepsOnRecord(), []);
  });

  it('waits for the close when asked to', async () => {
    const startedAtMs = Date.now();
    const nowMs = (): number => Date.parse(CLOSE) - 300 + Date.now() - startedAtMs;
    const allowed = await passGuard(contextAt(nowMs), 'promote', { atClose: true });
    assert.equal(allowed.because, 'window');
    assert.ok(nowMs() >= Date.parse(CLOSE));
    assert.match(said.join('\n'), /Waiting for the window/);
  });

  it('does not wait in a dry run', async () => {
    await assert.rejects(
      passGuard(
        contextAt(() => IN_SESSION_MS, true),
        'promote',
        { atClose: true },
      ),
      Refusal,
    );
    assert.deepEqual(await stepsOnRecord(), []);
  });

  it('lets an override of two people pass, on record with both and their reason', async () => {
    const override = { overrideReason: 'orders are stuck in entry', a: 'Jane Doe' };
    const context = contextAt(() => IN_SESSION_MS);
    await assert.rejects(
      passGuard(context, 'promote', { ...override, b: 'jane.doe' }),
      /two different people/,
    );
    await assert.rejects(passGuard(context, 'promote', { a: 'Jane Doe', b: 'John Roe' }), /reason/);
    const allowed = await passGuard(context, 'promote', { ...override, b: 'John Roe' });
    assert.equal(allowed.because, 'override');
    const last = (await readAudit(home)).at(-1);
    assert.equal(last?.step, 'guardOverridden');
    assert.deepEqual(last.details['people'], ['Jane Doe', 'John Roe']);
  });
});
