import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { installIntoCache, type CacheEntry } from '../../../tools/provision/cache';
import {
  acquireLock,
  isRunning,
  lockHolder,
  processStartedAt,
} from '../../../tools/provision/process-lock.mjs';
import { eventually } from '../../support/eventually';

// Goal: whatever runs at once or dies half-way, the cache holds complete entries and nobody waits for the dead.
const LOCK_MODULE = resolve(__dirname, '../../../tools/provision/process-lock.mjs');
const ENTRY: CacheEntry = { name: 'thing-1.0.0-test', program: 'thing' };
const CONTENDERS = 6;

describe('the lock and the cache', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'steadfill-lock-'));
    file = join(folder, 'locks', `${ENTRY.name}.lock`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const install = (build: (into: string) => Promise<void>, waitMs = 5_000): Promise<string> =>
    installIntoCache({ cache: folder, entry: ENTRY, waitMs, say: () => undefined, build });
  const good = async (into: string): Promise<void> => {
    await writeFile(join(into, 'thing'), '#!/bin/sh\n');
    await chmod(join(into, 'thing'), 0o755);
  };

  it('tells a running process from a dead one with the same id', async () => {
    const startedAt = await processStartedAt(process.pid);
    assert.ok(startedAt !== undefined);
    assert.equal(await isRunning({ pid: process.pid, startedAt }), true);
    assert.equal(await isRunning({ pid: process.pid, startedAt: 'another boot:1' }), false);
  });

  it('is held by one, and refuses the next within its time', async () => {
    const first = await acquireLock(file);
    assert.ok('release' in first);
    const second = await acquireLock(file, { waitMs: 300 });
    assert.ok('heldBy' in second && second.heldBy.pid === process.pid);
    await first.release();
    assert.ok('release' in (await acquireLock(file)));
  });

  it('takes over the lock of a process that was killed', async () => {
    const script = `import(${JSON.stringify(LOCK_MODULE)}).then(async ({ acquireLock }) => {
      await acquireLock(${JSON.stringify(file)}); console.log('held'); setInterval(() => {}, 1000); });`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((done) => child.stdout.once('data', done));
    assert.equal((await lockHolder(file))?.pid, child.pid);
    const waiting = acquireLock(file, { waitMs: 10_000 });
    child.kill('SIGKILL');
    assert.ok('release' in (await waiting));
  });

  it('takes over from a lock that is not readable, and from a takeover that died', async () => {
    mkdirSync(join(folder, 'locks'));
    writeFileSync(file, 'half a l');
    writeFileSync(`${file}.takeover`, '1');
    utimesSync(`${file}.takeover`, new Date(0), new Date(0));
    assert.ok('release' in (await acquireLock(file, { waitMs: 5_000 })));
  });

  it('lets one process in at a time when many find a stale lock', async () => {
    mkdirSync(join(folder, 'locks'));
    writeFileSync(file, JSON.stringify({ pid: 1, startedAt: 'long ago', token: 'stale' }));
    const count = join(folder, 'count');
    writeFileSync(count, '0');
    const script = `import(${JSON.stringify(LOCK_MODULE)}).then(async ({ acquireLock }) => {
      const fs = require('node:fs');
      for (let turn = 0; turn < 5; turn += 1) {
        const lock = await acquireLock(${JSON.stringify(file)}, { waitMs: 20000 });
        const before = Number(fs.readFileSync(${JSON.stringify(count)}, 'utf8'));
        await new Promise((wake) => setTimeout(wake, 5));
        fs.writeFileSync(${JSON.stringify(count)}, String(before + 1));
        await lock.release();
      } });`;
    const codes = Array.from({ length: CONTENDERS }, () => {
      const child = spawn(process.execPath, ['-e', script], { stdio: 'inherit' });
      return new Promise((done) => child.once('exit', done));
    });
    assert.deepEqual(await Promise.all(codes), Array(CONTENDERS).fill(0));
    assert.equal(readFileSync(count, 'utf8'), String(CONTENDERS * 5));
  });

  it('builds once for two that want the same', async () => {
    let builds = 0;
    const build = async (into: string): Promise<void> => {
      builds += 1;
      await good(into);
    };
    const [first, second] = await Promise.all([install(build), install(build)]);
    assert.equal(first, second);
    assert.equal(builds, 1);
  });

  it('leaves nothing of a build that failed, and builds again', async () => {
    await assert.rejects(
      install(async (into) => {
        await writeFile(join(into, 'half'), 'x');
        throw new Error('no network');
      }),
      /no network/,
    );
    assert.equal(existsSync(join(folder, ENTRY.name)), false);
    assert.deepEqual(readdirSync(join(folder, 'staging')), []);
    assert.equal(await install(good), join(folder, ENTRY.name, 'thing'));
  });

  it('removes what a killed build left', async () => {
    const left = join(folder, 'staging', `${ENTRY.name}.left-over`);
    mkdirSync(left, { recursive: true });
    await install(good);
    assert.equal(existsSync(left), false);
  });

  it('gives up on a holder that keeps the lock too long', async () => {
    const lock = await acquireLock(file);
    assert.ok('release' in lock);
    await assert.rejects(install(good, 300), /held the lock for too long/);
    await lock.release();
  });

  it('says whom it waits for', async () => {
    const lock = await acquireLock(file);
    assert.ok('release' in lock);
    const said: string[] = [];
    const installing = installIntoCache({
      cache: folder,
      entry: ENTRY,
      waitMs: 10_000,
      say: (text) => said.push(text),
      build: good,
    });
    await eventually(() => said.length > 0, { what: 'a word about waiting' });
    await lock.release();
    await installing;
    assert.deepEqual(said, [`waiting for process ${process.pid}, which is installing the same`]);
  });
});
