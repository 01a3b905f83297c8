import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { RollFiles, type RollState } from '../../../api/cluster/roll-files';
import { ChildRoller } from '../../../tools/start/child-roller';
import { ManagedChild, type ChildSpec } from '../../../tools/start/managed-child';
import { rollProcess } from '../../../tools/deploy/rolls/roll-process';
import type { RunDescription } from '../../../tools/support/running-system';
import { eventually } from '../../support/eventually';
import { isThere } from '../../support/system';

const METRICS_ADDRESS = '127.0.0.1:9464';

/** Owns what the file stands for, or stands by until nobody does. */
const OWNER = `
const fs = require('node:fs');
const own = () => {
  try { fs.writeFileSync(process.env.OWNED, String(process.pid), { flag: 'wx' }); } catch { return false; }
  process.send({ kind: 'owning' });
  return true;
};
process.on('SIGTERM', () => { fs.rmSync(process.env.OWNED, { force: true }); process.exit(0); });
setInterval(() => {}, 1000);
if (!own()) {
  process.send({ kind: 'standingBy' });
  const timer = setInterval(() => { if (own()) clearInterval(timer); }, 20);
}
`;

describe('replacing a child that can stand by', () => {
  let folder = '';
  let child: ManagedChild;
  let ends: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'steadfill-replace-'));
    writeFileSync(join(folder, 'owner.cjs'), OWNER);
    ends = [];
    child = new ManagedChild(specOf('owner.cjs'), {
      started: () => undefined,
      ended: (_child, how) => ends.push(how),
    });
    child.start();
  });
  afterEach(() => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const specOf = (script: string): ChildSpec => ({
    name: 'owner',
    command: process.execPath,
    args: [join(folder, script)],
    env: { ...process.env, OWNED: join(folder, 'owned'), STEADFILL_METRICS_ADDRESS: METRICS_ADDRESS },
    cwd: folder,
    logFile: join(folder, 'owner.log'),
    stopMs: 5_000,
    isNode: true,
  });

  it('starts the second first, ends the first, and watches over the second from then on', async () => {
    const first = child.pid ?? 0;
    await child.replace(specOf('owner.cjs'));
    const second = child.pid ?? 0;
    assert.deepEqual([isThere(first), isThere(second), ends], [false, true, []]);
    process.kill(second, 'SIGKILL');
    await eventually(() => child.pid !== second && isThere(child.pid ?? 0), { what: 'a restart' });
    assert.deepEqual(ends, ['SIGKILL']);
  });

  it('leaves the first alone when the second does not come up', async () => {
    writeFileSync(join(folder, 'broken.cjs'), 'process.exit(3);\n');
    const first = child.pid ?? 0;
    await assert.rejects(child.replace(specOf('broken.cjs')), /ended before it was standingBy/);
    assert.deepEqual([child.pid, isThere(first), ends], [first, true, []]);
  });

  it('is done as well when the first has ended by itself', async () => {
    const first = child.pid ?? 0;
    process.kill(first, 'SIGTERM');
    await eventually(() => !isThere(first));
    await child.replace(specOf('owner.cjs'));
    assert.ok(isThere(child.pid ?? 0));
  });

  it('stops both when it is stopped in between', async () => {
    const first = child.pid ?? 0;
    writeFileSync(join(folder, 'owned'), 'somebody else');
    const replacing = child.replace(specOf('owner.cjs')).catch((fault: unknown) => fault);
    await eventually(() => child.pid !== first, { what: 'the second process' });
    const second = child.pid ?? 0;
    await child.stop();
    await replacing;
    assert.deepEqual([first, second].filter(isThere), []);
  });

  it('is asked for in the home, once a roll, and answered there', async () => {
    const said: string[] = [];
    const roller = new ChildRoller(child, 'owner.cjs', folder, (text) => said.push(text));
    await roller.start();
    try {
      const run = { credentialsFile: join(folder, 'credentials.json') } as RunDescription;
      const ask = () =>
        rollProcess('owner', { run, say: () => undefined, rollId: 'roll-1', code: { dir: folder } });
      const first = child.pid ?? 0;
      const done = await ask();
      const second = child.pid ?? 0;
      const address = child.spec.env['STEADFILL_METRICS_ADDRESS'];
      assert.ok(address !== undefined && address !== METRICS_ADDRESS, 'two processes cannot listen on one');
      assert.deepEqual([done.outcome, done.before, done.after], ['done', [of(first)], [of(second)]]);
      assert.deepEqual([(await ask()).outcome, child.pid], ['done', second]);
      writeFileSync(join(folder, 'owner.cjs'), 'process.exit(3);\n');
      const failed = await rollProcess('owner', { run, say: () => undefined });
      assert.equal(failed.outcome, 'failed');
      assert.match(failed.reason ?? '', /ended before/);
      assert.equal(child.pid, second);
      const state = await new RollFiles(folder, 'owner').state();
      assert.equal(state?.phase, 'serving');
    } finally {
      await roller.stop();
    }
  });
});

const of = (pid: number): RollState['processes'][number] => ({ pid, state: 'serving' });
