import { resolve } from 'node:path';
import { CommanderError } from 'commander';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { ConfigError } from '../../config/config';
import { acquireLock } from '../provision/process-lock.mjs';
import { BuildError } from './builds/build-store';
import { canary, type CanaryOptions } from './commands/canary';
import { drain, type DrainOptions } from './commands/drain';
import { promote, type PromoteOptions } from './commands/promote';
import { rollback, type RollbackOptions } from './commands/rollback';
import { start } from './commands/start';
import { status } from './commands/status';
import { stop, type StopOptions } from './commands/stop';
import { openContext, type OpenContext } from './open-context';
import { EXIT, Refusal, type Outcome } from './outcome';
import { deployProgram, type CommonOptions } from './program';

/** These look only, or must never wait for another command. */
const WITHOUT_LOCK = ['status', 'rollback'];

type Run = (open: OpenContext, options: never) => Promise<Outcome>;

const COMMANDS: Readonly<Record<string, Run>> = {
  status: ({ routing }) => status(routing),
  start: ({ routing, run }, options: { from?: string; build?: string }) =>
    start(routing, { ...options, ...fromFolder(options), isSupervised: run !== undefined }),
  canary: async (open, options: CanaryOptions) => canary(await open.full(), options),
  promote: async (open, options: PromoteOptions) => promote(await open.full(), options),
  rollback: ({ routing }, options: RollbackOptions) => rollback(routing, options),
  drain: ({ routing }, options: DrainOptions) => drain(routing, options),
  stop: ({ routing }, options: StopOptions) => stop(routing, options),
};

/** npm runs scripts in the package's folder and names the user's own folder in INIT_CWD. */
function fromFolder({ from }: { from?: string }): { from?: string } {
  return from === undefined ? {} : { from: resolve(process.env['INIT_CWD'] ?? process.cwd(), from) };
}

async function execute(name: string, options: CommonOptions): Promise<void> {
  const command = COMMANDS[name];
  if (command === undefined) throw new Error(`there is no command ${name}`);
  // Replays and probes log what they do; the terminal belongs to the progress of this command.
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter } },
  });
  const open = await openContext({ ...options, isRecorded: name !== 'status' });
  const { home } = open.routing;
  const lock = WITHOUT_LOCK.includes(name) ? undefined : await acquireLock(`${home}/deploy.lock`);
  try {
    if (lock !== undefined && 'heldBy' in lock)
      throw new Refusal(
        `Another deploy command (process ${lock.heldBy.pid}) is at work; "rollback" need not wait.`,
      );
    print(name, options, await command(open, options as never));
  } catch (fault) {
    if (!(fault instanceof Refusal || fault instanceof BuildError || fault instanceof ConfigError))
      throw fault;
    const data = fault instanceof Refusal ? fault.data : {};
    print(name, options, {
      exitCode: EXIT.refused,
      lines: [fault.message],
      data: { ...data, refused: fault.message },
    });
  } finally {
    if (lock !== undefined && 'release' in lock) await lock.release();
    await open.close();
  }
}

function print(
  command: string,
  { json, dryRun = false }: CommonOptions,
  { exitCode, lines, data }: Outcome,
): void {
  const ok = exitCode === EXIT.done;
  if (json === true) process.stdout.write(`${JSON.stringify({ command, ok, exitCode, dryRun, ...data })}\n`);
  else process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = exitCode;
}

function onFault(fault: unknown): void {
  if (fault instanceof CommanderError) {
    process.exitCode = fault.exitCode === 0 ? EXIT.done : EXIT.usage;
    return;
  }
  process.stderr.write(`deploy: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = EXIT.refused;
}

void deployProgram(execute)
  .parseAsync()
  .catch(onFault)
  // What still hangs, such as a MongoDB that does not answer, must not hold up who gave the command.
  .finally(() => process.exit());
