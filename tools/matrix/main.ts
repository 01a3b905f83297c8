import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { loadConfig } from '../../config/config';
import { MatrixFault } from './matrix-form';
import { PLAYS, type PlayName, type StepOutcome } from './play';
import { readMatrices } from './read-files';
import { Stage } from './stage';

const EXIT_NOT_OK = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

interface Options {
  crash?: boolean;
  duplicates?: boolean;
  all?: boolean;
  address?: string;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function parse(): { options: Options; files: string[] } {
  const command = new Command('npm run matrix --')
    .description(
      'Plays order-state matrices through the order workflow of production against a scripted venue.\n' +
        'Prints one JSON line a step; exit code 1 when a step is not ok, 2 when a file is not a matrix.',
    )
    .argument('<files...>', 'matrices as JSON, or folders of them')
    .option('--crash', 'kills the worker before every step')
    .option(
      '--duplicates',
      'delivers every report twice, and executions out of order where the protocol allows it',
    )
    .option('--all', 'plays plainly, with crashes, and with duplicates')
    .option('--address <host:port>', 'plays on this Temporal server instead of one of its own')
    .configureOutput({ writeOut: say, writeErr: (text) => say(text.trimEnd()) })
    .exitOverride()
    .parse();
  return { options: command.opts<Options>(), files: command.args };
}

function playsOf({ crash, duplicates, all }: Options): PlayName[] {
  if (all === true) return [...PLAYS];
  const chosen: PlayName[] = [
    ...(crash === true ? (['crash'] as const) : []),
    ...(duplicates === true ? (['duplicates', 'disorder'] as const) : []),
  ];
  return chosen.length === 0 ? ['plain'] : chosen;
}

/** Plays and prints; false when a step was not ok. */
async function playAll(options: Options, files: readonly string[]): Promise<boolean> {
  const matrices = await readMatrices(files);
  const plays = playsOf(options);
  const namesPlay = plays.length > 1 || plays[0] !== 'plain';
  const bundleFolder = join(loadConfig().STEADFILL_HOME, 'bundles');
  const stage = await Stage.open({
    bundleFolder,
    say,
    ...(options.address !== undefined && { address: options.address }),
  });
  const outcomes: StepOutcome[] = [];
  try {
    for (const play of plays) {
      const played = await stage.play(play, matrices);
      outcomes.push(...played);
      for (const outcome of played) {
        process.stdout.write(`${JSON.stringify({ ...outcome, ...(namesPlay && { play }) })}\n`);
      }
    }
  } finally {
    await stage.close();
  }
  const failed = outcomes.filter(({ ok }) => !ok).length;
  say(`${matrices.length} matrices, ${outcomes.length} steps played, ${failed} not ok`);
  return failed === 0;
}

async function main(): Promise<number> {
  try {
    const { options, files } = parse();
    return (await playAll(options, files)) ? 0 : EXIT_NOT_OK;
  } catch (fault) {
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : EXIT_USAGE;
    if (!(fault instanceof MatrixFault)) throw fault;
    say(`matrix: ${fault.message}`);
    return EXIT_USAGE;
  }
}

// A server of our own ends with this process, so a signal must let it come to its end.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => process.exit(EXIT_INTERRUPTED));
/** Whoever reads our lines may be slower than we are, and an exit would lose what is still on its way. */
function exit(exitCode: number): void {
  process.stdout.write('', () => process.exit(exitCode));
}

main().then(exit, (fault: unknown) => {
  say(`matrix: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
  exit(EXIT_NOT_OK);
});
