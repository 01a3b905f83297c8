import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';

// Goal: any of our commands works in a fresh clone, and its standard output holds only its own data.
// Method: the real bootstrap in a small clone whose one dependency lies beside it, so that npm needs no network.
const ROOT = resolve(__dirname, '../../..');
const DEPENDENCY = 'vendor/tsx';
const INSTALL_WORDS = /Installing dependencies/g;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

describe('the bootstrap of our commands', function () {
  this.timeout(120_000);
  let clone: string;

  const writeClone = (version: string): void => {
    const json = (file: string, value: unknown): void =>
      writeFileSync(join(clone, file), JSON.stringify(value));
    const dependencies = { tsx: `file:${DEPENDENCY}` };
    json(`${DEPENDENCY}/package.json`, { name: 'tsx', version, type: 'module', exports: './index.js' });
    json('package.json', { name: 'clone', version: '1.0.0', dependencies });
    json('package-lock.json', {
      name: 'clone',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'clone', version: '1.0.0', dependencies },
        'node_modules/tsx': { resolved: DEPENDENCY, link: true },
        [DEPENDENCY]: { name: 'tsx', version },
      },
    });
  };

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'steadfill-clone-'));
    mkdirSync(join(clone, 'tools/provision'), { recursive: true });
    mkdirSync(join(clone, DEPENDENCY), { recursive: true });
    for (const file of ['tools/bootstrap.mjs', 'tools/provision/process-lock.mjs']) {
      cpSync(join(ROOT, file), join(clone, file));
    }
    writeFileSync(join(clone, DEPENDENCY, 'index.js'), '');
    writeFileSync(
      join(clone, 'script.js'),
      `process.stdin.on('data', (data) => process.stdout.write(JSON.stringify({
         data: String(data), args: process.argv.slice(2), isMain: require.main === module })));
       process.exitCode = 7;`,
    );
    writeClone('1.0.0');
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  const run = (...args: string[]): Promise<Ended> =>
    new Promise((done) => {
      const child = spawn(process.execPath, [join(clone, 'tools/bootstrap.mjs'), ...args], { cwd: clone });
      const ended: Ended = { code: null, stdout: '', stderr: '' };
      child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
      child.stdin.end('hello');
      child.on('close', (code) => done({ ...ended, code }));
    });

  it('installs once, then hands arguments, standard input and the exit code to the script', async () => {
    const first = await run('script.js', '--flag', 'value');
    assert.deepEqual(JSON.parse(first.stdout), { data: 'hello', args: ['--flag', 'value'], isMain: true });
    assert.equal(first.code, 7);
    assert.match(first.stderr, /Installing dependencies/);
    const second = await run('script.js');
    assert.equal(second.code, 7);
    assert.equal(second.stderr, '');
  });

  it('installs again when the lock file has changed', async () => {
    await run('script.js');
    writeClone('1.0.1');
    assert.match((await run('script.js')).stderr, /Installing dependencies/);
  });

  it('leaves an installation by hand alone when it is what the lock file says', async () => {
    await run('script.js');
    rmSync(join(clone, 'node_modules/.steadfill-install'));
    assert.equal((await run('script.js')).stderr, '');
    assert.ok(existsSync(join(clone, 'node_modules/.steadfill-install')));
  });

  it('installs once when two commands start at once', async () => {
    const both = await Promise.all([run('script.js'), run('script.js')]);
    assert.deepEqual(
      both.map(({ code }) => code),
      [7, 7],
    );
    const installs = both.flatMap(({ stderr }) => [...stderr.matchAll(INSTALL_WORDS)]);
    assert.equal(installs.length, 1);
  });

  it('says what to do when the installation fails', async () => {
    rmSync(join(clone, DEPENDENCY), { recursive: true });
    writeFileSync(join(clone, 'package-lock.json'), 'not JSON');
    const { code, stdout, stderr } = await run('script.js');
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /Installing the dependencies failed[\s\S]*By hand: .*npm ci/);
  });

  it('asks for a script', async () => {
    assert.equal((await run()).code, 2);
  });
});
