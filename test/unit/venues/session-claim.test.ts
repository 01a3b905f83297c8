import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { identifyProcess } from '../../../venues/journal/process-identity';
import { SessionClaim } from '../../../venues/journal/session-claim';
import { eventually } from '../../support/eventually';

describe('the claim to a venue session', () => {
  let folder = '';
  let waiting: AbortController;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'steadfill-claim-'));
    waiting = new AbortController();
  });
  afterEach(() => {
    waiting.abort();
    rmSync(folder, { recursive: true, force: true });
  });

  const acquire = (onWait: () => void = () => undefined) =>
    SessionClaim.acquire(folder, { onWait, signal: waiting.signal });
  const owned = async (): Promise<SessionClaim> => {
    const claim = await acquire();
    assert.ok(claim);
    return claim;
  };

  it('belongs to one of many that want it at once, and goes round when it is given back', async () => {
    let owners = 0;
    let most = 0;
    const turn = async (): Promise<void> => {
      const claim = await owned();
      owners += 1;
      most = Math.max(most, owners);
      await new Promise((wake) => setImmediate(wake));
      owners -= 1;
      await claim.release();
    };
    await Promise.all(Array.from({ length: 12 }, turn));
    assert.equal(most, 1);
  });

  it('never uses a number again, so that a late look finds its turn over', async () => {
    for (let turn = 0; turn < 3; turn += 1) await (await owned()).release();
    assert.deepEqual(readdirSync(folder), ['owner.3.json']);
  });

  it('waits for a running owner, says so, and stops waiting when asked to', async () => {
    await owned();
    let waits = 0;
    const second = acquire(() => (waits += 1));
    await eventually(() => waits === 1);
    waiting.abort();
    assert.equal(await second, undefined);
  });

  it('is free once its owner is dead, also when its process id runs again', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const identity = await identifyProcess(child.pid ?? 0);
    assert.ok(identity);
    writeFileSync(join(folder, 'owner.7.json'), JSON.stringify({ ...identity, token: 'theirs' }));
    let waits = 0;
    const claim = acquire(() => (waits += 1));
    await eventually(() => waits === 1);
    child.kill('SIGKILL');
    assert.ok(await claim);
    assert.deepEqual(readdirSync(folder), ['owner.8.json']);
    const reused = { pid: process.pid, startedAt: 'another boot:1', token: 'theirs' };
    writeFileSync(join(folder, 'owner.9.json'), JSON.stringify(reused));
    assert.ok(await acquire());
  });

  it('takes over from a file that a power cut left empty', async () => {
    writeFileSync(join(folder, 'owner.2.json'), '');
    assert.ok(await acquire());
  });

  it('tells its owner when somebody else has claimed it all the same', async () => {
    const claim = await owned();
    let lost = false;
    claim.watch(() => (lost = true));
    writeFileSync(join(folder, 'owner.99.json'), '{}');
    await eventually(() => lost, { what: 'the owner to notice' });
    await claim.release();
  });
});
