import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../../config/config';
import { verdictText } from './judge';
import { LINKS, type LinkName } from './links';
import { PROFILE_NAMES, type ProfileName } from './profiles';
import { reportHtml } from './report-html';
import { runProfile, type ProfileRun } from './run-profile';
import { attach, startLoadedSystem } from './system';

const tell = (text: string): void => void process.stderr.write(`${text}\n`);

interface Options {
  json?: boolean;
  rate?: number;
  duration?: number;
  home?: string;
  link?: LinkName[];
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('must be a number above 0');
  return value;
}

function parse(): { profile: ProfileName; options: Options } {
  const command = new Command('npm run load --')
    .description('Puts load on a system of its own and checks everything afterwards; exit 1 on any breach.')
    .addArgument(new Argument('<profile>', 'shape of the load').choices(PROFILE_NAMES))
    .option(
      '--rate <orders>',
      'base load in orders a second, instead of a tenth of the measured capacity',
      positive,
    )
    .option('--duration <seconds>', 'how long the load holds (the peak; each phase of latency)', positive)
    .addOption(
      new Option('--link <name...>', 'latency: only these connections').choices(
        LINKS.map(({ name }) => name),
      ),
    )
    .option('--home <folder>', 'load the system that runs in this home, instead of one of its own')
    .option('--json', 'print the figures and verdicts as one JSON object')
    .parse();
  return { profile: command.args[0] as ProfileName, options: command.opts<Options>() };
}

/** Writes the page, the figures and every single operation; answers the path of the page. */
async function writeReport({ report, operations }: ProfileRun): Promise<string> {
  const stamp = report.startedAt.slice(0, 19).replaceAll(':', '');
  const folder = join(loadConfig().STEADFILL_HOME, 'reports', `load-${report.profile}-${stamp}`);
  await mkdir(folder, { recursive: true });
  const lines = operations.flatMap(({ phase, operations: each }) =>
    each.map((operation) => JSON.stringify({ phase, ...operation })),
  );
  await writeFile(join(folder, 'operations.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(join(folder, 'report.html'), reportHtml(report));
  return join(folder, 'report.html');
}

async function main(): Promise<number> {
  const { profile, options } = parse();
  const { home } = options;
  const system = home === undefined ? await startLoadedSystem() : await attach(resolve(home));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= system.stop());
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void stop().then(() => process.exit(130)));
  try {
    const run = await runProfile(
      system,
      profile,
      {
        ...(options.rate !== undefined && { baseRatePerSecond: options.rate }),
        ...(options.duration !== undefined && { seconds: options.duration }),
        ...(options.link !== undefined && { links: options.link }),
      },
      tell,
    );
    const page = await writeReport(run);
    const { verdicts, ok } = run.report;
    if (options.json === true) process.stdout.write(`${JSON.stringify(run.report)}\n`);
    else process.stdout.write(`${verdicts.map(verdictText).join('\n')}\n`);
    tell(`The report is ${page}`);
    return ok ? 0 : 1;
  } finally {
    await stop();
  }
}

main().then(
  (exitCode) => process.exit(exitCode),
  (fault: unknown) => {
    process.stderr.write(
      `load: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`,
    );
    process.exit(1);
  },
);
