import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

export interface StartOptions {
  /** Port of the API; 0 takes any free one. */
  port?: number;
  /** Absolute path of a recorded day. */
  market?: string;
  /** Times real time at which the recorded day is played. */
  speed?: number;
  from?: string;
  /** Absolute path of a file of instruments to load. */
  instruments?: string;
}

const PORT_MAX = 65_535;
const SPEED_MAX = 100_000;

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > PORT_MAX)
    throw new InvalidArgumentError(`must be 0 to ${PORT_MAX}`);
  return port;
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed > 0 && speed <= SPEED_MAX))
    throw new InvalidArgumentError(`must be above 0 and at most ${SPEED_MAX}`);
  return speed;
}

/** npm runs scripts in the package's folder and names the user's own folder in INIT_CWD. */
function parseFile(text: string): string {
  const file = resolve(process.env['INIT_CWD'] ?? process.cwd(), text);
  try {
    accessSync(file, constants.R_OK);
    return file;
  } catch {
    throw new InvalidArgumentError(`${file} cannot be read`);
  }
}

/** Parses what follows `npm start --`. Answers the options, or the exit code when there is nothing to start. */
export function parseStartOptions(args: readonly string[]): StartOptions | { exitCode: number } {
  const command = new Command('npm start --')
    .description(
      'Starts Temporal, MongoDB, the simulated venue, the workers and the API, and supervises them.',
    )
    .option('--port <number>', 'port of the API', parsePort)
    .option('--market <file>', 'recorded day to trade against, instead of a synthetic market', parseFile)
    .option('--speed <number>', 'plays the recorded day this many times faster than real time', parseSpeed)
    .option('--from <time>', "time of the recorded day to start at, instead of the session's open")
    .option('--instruments <file>', 'instruments to load before trading, see docs/instruments.md', parseFile)
    .exitOverride();
  try {
    command.parse(args, { from: 'user' });
    const options = command.opts<StartOptions>();
    if (options.market === undefined && (options.speed ?? options.from) !== undefined) {
      command.error('error: --speed and --from need --market');
    }
    return options;
  } catch (fault) {
    if (fault instanceof CommanderError) return { exitCode: fault.exitCode === 0 ? 0 : 2 };
    throw fault;
  }
}
