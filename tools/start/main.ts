import { rm, writeFile } from 'node:fs/promises';
import { ConfigError, loadConfig, type Config } from '../../config/config';
import { acquireLock } from '../provision/process-lock.mjs';
import { provision, ProvisioningError } from '../provision/provision';
import { faultList, readInstrumentFile } from '../instruments/instrument-file';
import type { RunDescription } from '../support/running-system';
import { alreadyRunningText, readyText } from './announce';
import { readChildSettings } from './child-settings';
import type { SystemPlan } from './children';
import { DEFAULT_PORTS, openHome, readJson, writeJson, type Home, type HomeState, type Ports } from './home';
import { keepLogsBounded } from './log-keeper';
import { parseStartOptions, type StartOptions } from './options';
import { stopOrphans } from './orphans';
import { choosePorts } from './ports';
import { StartError, Supervisor } from './supervisor';

const EXIT_USAGE = 2;
const EXIT_FORCED = 130;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Stops what there is to stop at the first signal, and gives up waiting at the second. */
class Interruption {
  readonly asked = new AbortController();
  supervisor: Supervisor | undefined;

  listen(): void {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => this.onSignal(name));
  }

  private onSignal(name: string): void {
    if (this.asked.signal.aborted) {
      say('Stopping at once.');
      this.supervisor?.killAll();
      process.exit(EXIT_FORCED);
    }
    say(`\n${name}: draining; once more stops at once.`);
    this.asked.abort(new StartError('Steadfill was stopped before it was ready.'));
  }
}

async function plan(
  home: Home,
  config: Config,
  options: StartOptions,
  signal: AbortSignal,
): Promise<SystemPlan> {
  const childSettings = await readChildSettings(config.STEADFILL_CHILD_SETTINGS_FILE);
  const state = (await readJson<HomeState>(home.stateFile)) ?? {};
  const { temporal, mongodb } = await provision({
    parts: ['temporal', 'mongodb'],
    signal,
    output: { isTTY: process.stdout.isTTY, line: say },
    ...(state.mongodbFlavour !== undefined && { mongodbFlavour: state.mongodbFlavour }),
  });
  signal.throwIfAborted();
  if (temporal === undefined || mongodb === undefined) throw new Error('provisioning left a part out');
  const ports = await portsFor(state, config, options);
  const own = mongodb.flavour === 'external' ? state.mongodbFlavour : mongodb.flavour;
  await writeJson(home.stateFile, {
    ports,
    ...(own !== undefined && { mongodbFlavour: own }),
  } satisfies HomeState);
  await writeFile(home.temporalConfigFile, `[profile.default]\naddress = "127.0.0.1:${ports.temporal}"\n`);
  return { home, ports, temporal, mongodb, options, childSettings };
}

/** The ports of the last time are taken again where they are free, so that addresses stay what users noted down. */
async function portsFor(state: HomeState, config: Config, options: StartOptions): Promise<Ports> {
  const api =
    options.port ?? (process.env['STEADFILL_API_PORT'] === undefined ? undefined : config.STEADFILL_API_PORT);
  const wanted = { ...DEFAULT_PORTS, ...state.ports, ...(api !== undefined && { api }) };
  const chosen = await choosePorts(wanted);
  for (const [name, { port, busy }] of Object.entries(chosen)) {
    if (busy !== undefined) say(`Port ${busy} for ${name} is taken; using ${port}.`);
  }
  const ports = Object.entries(chosen).map(([name, { port }]) => [name, port]);
  return Object.fromEntries(ports) as Ports;
}

/** Runs one installation from its lock to its last child. Answers the exit code. */
async function runSystem(home: Home, config: Config, options: StartOptions): Promise<number> {
  const interruption = new Interruption();
  interruption.listen();
  try {
    await runUntilInterrupted(home, config, options, interruption);
  } catch (fault) {
    // Whatever a start that is called off fails with, it was called off.
    if (!interruption.asked.signal.aborted) throw fault;
  }
  say('Stopped.');
  return 0;
}

async function runUntilInterrupted(
  home: Home,
  config: Config,
  options: StartOptions,
  interruption: Interruption,
): Promise<void> {
  const startedAtMs = Date.now();
  const { signal } = interruption.asked;
  await rm(home.runFile, { force: true });
  const orphans = await stopOrphans(home.childrenFile);
  if (orphans.length > 0) say(`Stopped what an earlier start left behind: ${orphans.join(', ')}.`);
  const supervisor = new Supervisor(await plan(home, config, options, signal), say);
  interruption.supervisor = supervisor;
  const logs = keepLogsBounded(home.logs);
  const interrupted = new Promise<void>((done) =>
    signal.addEventListener('abort', () => done(), { once: true }),
  );
  try {
    signal.throwIfAborted();
    const run = await Promise.race([supervisor.start(), interrupted]);
    if (run !== undefined) say(readyText(run, home, Date.now() - startedAtMs));
    await interrupted;
  } finally {
    logs.stop();
    await supervisor.stop();
  }
}

/** A file of instruments with a fault in its form is refused before anything is started. */
async function fitsForm({ instruments }: StartOptions): Promise<boolean> {
  if (instruments === undefined) return true;
  const file = await readInstrumentFile(instruments);
  if (!file.ok) process.stderr.write(`${faultList(instruments, file.faults)}\n`);
  return file.ok;
}

async function main(): Promise<number> {
  const options = parseStartOptions(process.argv.slice(2));
  if ('exitCode' in options) return options.exitCode;
  if (!(await fitsForm(options))) return EXIT_USAGE;
  const config = loadConfig();
  const home = await openHome(config.STEADFILL_HOME);
  const lock = await acquireLock(home.lockFile);
  if ('heldBy' in lock) {
    say(alreadyRunningText(home.folder, lock.heldBy.pid, await readJson<RunDescription>(home.runFile)));
    return 1;
  }
  try {
    return await runSystem(home, config, options);
  } finally {
    await lock.release();
  }
}

// A terminal that was closed, or a reader that went away, must not end the system half-way.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code !== 'EPIPE' && fault.code !== 'EIO') throw fault;
});

/** Expected faults are told in their own words; anything else is a bug and shows where it happened. */
function faultText(fault: unknown): string {
  const expected = [ProvisioningError, StartError, ConfigError].some((kind) => fault instanceof kind);
  return fault instanceof Error ? ((expected ? undefined : fault.stack) ?? fault.message) : String(fault);
}

main().then(
  (exitCode) => process.exit(exitCode),
  (fault: unknown) => {
    process.stderr.write(`${faultText(fault)}\n`);
    process.exit(1);
  },
);
