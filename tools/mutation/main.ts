import { join } from 'node:path';
import { Command } from 'commander';
import type { PartialStrykerOptions } from '@stryker-mutator/api/core';

const SCORE_MIN = 80;
const SCORE_GOOD = 90;
const RULES = ['domain/order/**/*.ts'];
/** Tests run beside other work for as long as they take; what hangs is told by its loop count, not by the clock. */
const TIMEOUT_MS = 20_000;
const REPORTS = '.steadfill/mutation';

/** What the unit tests of the order need, and nothing else, is copied for the run. */
const NOT_NEEDED = [
  ...[
    '*',
    '!domain/**',
    '!test',
    'test/*',
    '!test/unit/**',
    '!test/matrices/**',
    '!test/replay/histories/**',
  ],
  ...['!tools', 'tools/*', '!tools/matrix/**', '!workflows/**', '!package.json', '!tsconfig.json'],
];

function parse(): { files: string[]; options: { concurrency: string } } {
  const command = new Command('npm run mutation --')
    .description(
      `Changes the rules of an order in every small way; unit tests must fail for each. Exit code 1 when fewer than ` +
        `${SCORE_MIN} % of the changes are noticed. Reports lie in ${REPORTS}.`,
    )
    .argument('[files...]', `only these files instead of ${RULES.join(' ')}`)
    .option('--concurrency <n>', 'processes that test at the same time', '1')
    .parse();
  return { files: command.args, options: command.opts<{ concurrency: string }>() };
}

async function main(): Promise<void> {
  const { files, options } = parse();
  const stryker: PartialStrykerOptions = {
    mutate: files.length > 0 ? files : RULES,
    ignorePatterns: NOT_NEEDED,
    plugins: [join(__dirname, 'mocha-runner.mjs')],
    testRunner: 'steadfill-mocha',
    coverageAnalysis: 'perTest',
    concurrency: Number(options.concurrency),
    timeoutMS: TIMEOUT_MS,
    thresholds: { high: SCORE_GOOD, low: SCORE_MIN, break: SCORE_MIN },
    reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    jsonReporter: { fileName: `${REPORTS}/mutation.json` },
    htmlReporter: { fileName: `${REPORTS}/mutation.html` },
    disableTypeChecks: '{domain,test,tools,workflows}/**/*.ts',
    tempDirName: '.steadfill/mutation-run',
  };
  const { Stryker } = await import('@stryker-mutator/core');
  await new Stryker(stryker).runMutationTest();
}

void main().catch((fault: unknown) => {
  process.stderr.write(`mutation: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
