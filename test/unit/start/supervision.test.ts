import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { processStartedAt } from '../../../tools/provision/process-lock.mjs';
import { childEnvironment, type SystemPlan } from '../../../tools/start/children';
import { DEFAULT_PORTS, openHome, readJson, writeJson } from '../../../tools/start/home';
import { keepLogsBounded, logTail } from '../../../tools/start/log-keeper';
import { ManagedChild, type ChildSpec } from '../../../tools/start/managed-child';
import { mongoServerArgs } from '../../../tools/start/mongo-server';
import { ChildRecord, stopOrphans } from '../../../tools/start/orphans';
import { choosePorts } from '../../../tools/start/ports';
import { eventually } from '../../support/eventually';

const isGone = async (pid: number): Promise<boolean> => (await processStartedAt(pid)) === undefined;

describe('supervision', () => {
  let folder: string;
  const children: ManagedChild[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'steadfill-supervision-'))));
  afterEach(async () => {
    children.splice(0).forEach((child) => child.kill());
    rmSync(folder, { recursive: true, force: true });
  });

  const specOf = (script: string, more: Partial<ChildSpec> = {}): ChildSpec => ({
    name: 'child',
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    cwd: folder,
    logFile: join(folder, 'child.log'),
    stopMs: 300,
    isNode: false,
    ...more,
  });
  const manage = (spec: ChildSpec): { child: ManagedChild; pids: number[]; ends: string[] } => {
    const pids: number[] = [];
    const ends: string[] = [];
    const child = new ManagedChild(spec, {
      started: ({ pid }) => pids.push(pid ?? 0),
      ended: (_child, how) => ends.push(how),
    });
    children.push(child);
    child.start();
    return { child, pids, ends };
  };
  const LIVES = 'console.log("up"); setInterval(() => {}, 1000)';
  const logged = (text: string) => (): boolean =>
    readFileSync(join(folder, 'child.log'), 'utf8').includes(text);

  it('starts a killed child again at once, with its output appended to its log', async () => {
    const { child, pids, ends } = manage(specOf(LIVES));
    await eventually(logged('up'));
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await eventually(logged('up\nup'));
    assert.deepEqual(ends, ['SIGKILL']);
    assert.equal(child.pid, pids[1]);
    assert.notEqual(pids[0], pids[1]);
  });

  it('waits longer before each restart of a child that does not stay up', async () => {
    const pauses: number[] = [];
    const child = new ManagedChild(specOf('process.exit(3)'), {
      started: () => undefined,
      ended: (_child, how, pauseMs) => {
        assert.equal(how, 'exit code 3');
        pauses.push(pauseMs);
      },
    });
    children.push(child);
    child.start();
    await eventually(() => pauses.length >= 3);
    assert.deepEqual(pauses.slice(0, 3), [50, 500, 1_000]);
  });

  it('goes on after a program that cannot be started', async () => {
    const { ends } = manage(specOf('', { command: join(folder, 'absent') }));
    await eventually(() => ends.length > 0);
    assert.match(ends[0] ?? '', /ENOENT/);
  });

  it('stops a child without starting it again, and kills one that does not listen', async () => {
    const { child, pids, ends } = manage(specOf(`process.on('SIGTERM', () => {}); ${LIVES}`));
    await eventually(logged('up'));
    await child.stop();
    assert.equal(await isGone(pids[0] ?? 0), true);
    assert.deepEqual(ends, []);
    assert.equal(child.isAlive, false);
  });

  it('takes its Node children along when it is killed', async () => {
    const guard = resolve(__dirname, '../../../tools/start/child-guard.mjs');
    const script = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['--import', ${JSON.stringify(guard)}, '-e', ${JSON.stringify(LIVES)}],
        { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
      console.log(child.pid); setInterval(() => {}, 1000);`;
    const supervisor = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = Number(await new Promise<Buffer>((done) => supervisor.stdout.once('data', done)));
    assert.equal(await isGone(pid), false);
    supervisor.kill('SIGKILL');
    await eventually(() => isGone(pid), { what: 'the end of the child' });
  });

  it('finds what a killed supervisor left, and stops that alone', async () => {
    const file = join(folder, 'children.json');
    const orphan = spawn(process.execPath, ['-e', LIVES], { stdio: 'ignore' });
    const record = new ChildRecord(file);
    record.add('orphan', orphan.pid ?? 0);
    const recorded = await eventually(() => readJson<{ pid: number }[]>(file));
    const another = { name: 'another', pid: process.pid, startedAt: 'a process long gone' };
    await writeJson(file, [...recorded, another]);
    assert.deepEqual(await stopOrphans(file), ['orphan']);
    assert.equal(await isGone(orphan.pid ?? 0), true);
    assert.equal(existsSync(file), false);
    assert.deepEqual(await stopOrphans(file), []);
  });

  it('keeps logs below their bound', async () => {
    const file = join(folder, 'child.log');
    writeFileSync(file, 'x'.repeat(2_000));
    assert.equal((await logTail(file, 10)).length, 10);
    assert.equal(await logTail(join(folder, 'none.log')), '');
    const keeper = keepLogsBounded(folder, 1_000, 20);
    await eventually(() => statSync(file).size === 0);
    assert.equal(statSync(`${file}.1`).size, 2_000);
    appendFileSync(file, 'small');
    keeper.stop();
    assert.equal(readFileSync(file, 'utf8'), 'small');
  });

  it('takes wanted ports where they are free and others where they are not', async () => {
    const { free } = await choosePorts({ free: 0 });
    const chosen = await choosePorts({ first: free.port, second: free.port });
    assert.deepEqual(chosen.first, { port: free.port });
    assert.equal(chosen.second.busy, free.port);
    assert.notEqual(chosen.second.port, free.port);
  });

  it("keeps the user's own Temporal profile away from the embedded server", async () => {
    const found = { value: '/bin/x', flavour: 'secantusd-rs', version: '1' };
    const home = await openHome(join(folder, 'home'));
    const plan: SystemPlan = { home, ports: DEFAULT_PORTS, temporal: found, mongodb: found, options: {} };
    const env = childEnvironment(plan, {
      PATH: '/bin',
      TEMPORAL_API_KEY: 'x',
      TEMPORAL_TLS: 'true',
      npm_x: '1',
    });
    assert.deepEqual(
      [env['TEMPORAL_API_KEY'], env['TEMPORAL_TLS'], env['npm_x'], env['PATH']],
      [undefined, undefined, undefined, '/bin'],
    );
    assert.equal(env['TEMPORAL_ADDRESS'], '127.0.0.1:7233');
    assert.equal(env['MONGODB_URI'], 'mongodb://127.0.0.1:27017/?directConnection=true');
  });

  it('starts every MongoDB so that it keeps what it acknowledged', () => {
    const options = { dataFolder: '/data', port: 1 };
    for (const flavour of ['secantusd-rs', 'secantusd-py']) {
      assert.ok(mongoServerArgs({ ...options, flavour }).includes('--sync-on-commit'), flavour);
    }
    assert.ok(mongoServerArgs({ ...options, flavour: 'mongod' }).includes('--replSet'));
    assert.throws(() => mongoServerArgs({ ...options, flavour: 'sqlite' }), /unknown/);
  });
});
