import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { Module } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Every npm script of ours starts here. It runs with nothing installed, so it uses Node alone; it installs the
// dependencies when they are missing or older than package-lock.json, then hands over to the script it was given in
// the same process, so that arguments, stdin, signals and the exit code are the script's own.
const NODE_MINIMUM = [20, 19];
const INSTALL_WAIT_MS = 15 * 60_000;
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.steadfill-install');

const say = (text) => process.stderr.write(`${text}\n`);

function nodeIsTooOld(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor < NODE_MINIMUM[1]);
}

/** What an installation depends on: the locked versions and the kind of machine. */
async function wantedStamp() {
  const lock = await readFile(join(ROOT, 'package-lock.json')).catch(() =>
    readFile(join(ROOT, 'package.json')),
  );
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;
}

const readJson = async (file) => JSON.parse(await readFile(file, 'utf8'));
const fits = (list, value) => list === undefined || list.includes(value);

/** npm writes `.package-lock.json` at the end of an installation; an installation by hand is current when it agrees. */
async function installedByHand() {
  try {
    const wanted = (await readJson(join(ROOT, 'package-lock.json'))).packages;
    const installed = (await readJson(join(MODULES, '.package-lock.json'))).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === '' || entry.link) return true;
      const elsewhere = !fits(entry.os, process.platform) || !fits(entry.cpu, process.arch);
      if (entry.optional && (elsewhere || entry.libc !== undefined)) return true;
      return installed[path]?.version === entry.version && installed[path]?.integrity === entry.integrity;
    });
  } catch {
    return false;
  }
}

async function isInstalled() {
  const [stamp, wanted] = await Promise.all([readFile(STAMP, 'utf8').catch(() => undefined), wantedStamp()]);
  if (stamp === wanted) return true;
  if (!(await installedByHand())) return false;
  await writeFile(STAMP, wanted);
  return true;
}

/** Runs npm with everything it says on stderr, because stdout belongs to the script's data. */
function npm(args) {
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  return new Promise((done) => {
    const child = spawn(command, [...first, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] });
    child.on('error', (fault) => {
      say(`npm could not be started: ${fault.message}`);
      done(1);
    });
    child.on('close', (code) => done(code ?? 1));
  });
}

/** `npm ci` installs exactly what the lock file says; only a checkout without one lets npm choose. */
async function installPackages() {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  return await npm([existsSync(join(ROOT, 'package-lock.json')) ? 'ci' : 'install', ...flags]);
}

async function install() {
  say('Installing dependencies …');
  const startedAt = Date.now();
  if ((await installPackages()) !== 0) {
    say(
      'Installing the dependencies failed; the lines above say why. Check the network or the registry that npm',
    );
    say(`is configured with ("npm config get registry"), then try again. By hand: (cd ${ROOT} && npm ci)`);
    process.exit(1);
  }
  await writeFile(STAMP, await wantedStamp());
  say(`Dependencies are installed (${((Date.now() - startedAt) / 1000).toFixed(1)} s).`);
}

/** Two commands started at once in one clone must not install over each other: the second waits, then looks again. */
async function ensureInstalled() {
  if (await isInstalled()) return;
  const { acquireLock } = await import('./provision/process-lock.mjs');
  const name = createHash('sha256').update(ROOT).digest('hex').slice(0, 16);
  const lock = await acquireLock(
    join(tmpdir(), `steadfill-install-${process.getuid?.() ?? 0}-${name}.lock`),
    {
      waitMs: INSTALL_WAIT_MS,
      onWait: ({ pid }) => say(`Another command (pid ${pid}) is installing dependencies; waiting for it.`),
    },
  );
  if (lock.heldBy !== undefined) {
    say(`The installation by pid ${lock.heldBy.pid} did not end within ${INSTALL_WAIT_MS / 60_000} minutes.`);
    process.exit(1);
  }
  try {
    if (!(await isInstalled())) await install();
  } finally {
    await lock.release();
  }
}

async function main() {
  const [script, ...args] = process.argv.slice(2);
  if (nodeIsTooOld()) {
    say(
      `Steadfill needs Node ${NODE_MINIMUM.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).`,
    );
    process.exit(1);
  }
  if (script === undefined) {
    say('Usage: node tools/bootstrap.mjs SCRIPT.ts [ARGUMENTS]');
    process.exit(2);
  }
  await ensureInstalled();
  const file = resolve(ROOT, script);
  process.argv = [process.execPath, file, ...args];
  await import('tsx');
  Module._load(file, null, true);
}

await main();
