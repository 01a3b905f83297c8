import { Command, InvalidArgumentError } from 'commander';

export interface CommonOptions {
  json?: boolean;
  dryRun?: boolean;
  by?: string;
}

const PERCENT_MAX = 100;

function percent(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= PERCENT_MAX)) throw new InvalidArgumentError('must be above 0 and at most 100');
  return value;
}

const wholeFrom =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`must be a whole number from ${least}`);
    return value;
  };

/** Every command takes these; who gives it goes on record. */
function common(command: Command): Command {
  return command
    .option('--json', 'one JSON object on stdout; progress stays on stderr')
    .option('--dry-run', 'says what would be done, and changes nothing')
    .option('--by <name>', 'who gives the command, for the record; the user of this machine otherwise');
}

function guarded(command: Command): Command {
  return command
    .option('--at-close', 'in a session of a guarded venue: waits for the next window')
    .option('--override-reason <text>', 'changes routing inside a session all the same; needs --a and --b')
    .option('--a <name>', 'the first person who answers for the override')
    .option('--b <name>', 'the second one, somebody else');
}

/** The commands of `npm run deploy --`, each handed to `run` with its options. */
export function deployProgram(run: (name: string, options: CommonOptions) => Promise<void>): Command {
  const program = new Command('npm run deploy --')
    .description('Brings builds of the order worker in and out, side by side, without losing an order.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void process.stderr.write(text) });
  const add = (name: string, description: string): Command =>
    common(program.command(name).description(description)).action((options: CommonOptions) =>
      run(name, options),
    );
  add('status', 'which builds there are, who takes new orders, who has open ones');
  add('start', 'makes a build and starts its worker; no order goes to it yet')
    .option('--from <dir>', 'the source tree; this checkout otherwise')
    .option('--build <id>', 'a build that was made before');
  guarded(add('canary', 'gives a build a share of new orders, compares, and promotes it or takes it back'))
    .option('--build <id>', 'the build; the one that was started last otherwise')
    .option('--percent <number>', 'share of new orders; 5 when it has none yet', percent)
    .option('--no-watch', 'ramps only; "canary" again watches and decides')
    .option('--limit-seconds <number>', 'longest that it watches', wholeFrom(1), 900)
    .option('--orders-min <number>', 'orders that each build needs before a promotion', wholeFrom(1));
  guarded(add('promote', 'gives a build all new orders')).option('--build <id>', 'the build; see canary');
  add('rollback', 'takes the last build back; needs neither gates nor guard nor MongoDB')
    .option('--to <id>', 'the build to go back to; the one before otherwise')
    .option('--reason <text>', 'why, for the record');
  add('drain', 'waits until builds without new orders have no open ones, or moves those')
    .option('--build <id>', 'the build; all that take no new orders otherwise')
    .option('--move', 'moves open orders that replay on the other build')
    .option('--to <id>', 'where to move them; the current build otherwise')
    .option('--wait-seconds <number>', 'longest to wait; 0 only looks', wholeFrom(0), 600);
  add('stop', 'stops builds that are drained and have no open order').option(
    '--build <id>',
    'the build; all that may be stopped otherwise',
  );
  return program;
}
