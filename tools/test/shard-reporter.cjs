const { writeFileSync } = require('node:fs');
const { inspect } = require('node:util');
const Mocha = require('mocha');

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_RUN_END } = Mocha.Runner.constants;
/** Of each part by itself: a long counterexample must not push out the cause. */
const PART_CHARS_MAX = 3_000;

/** What went wrong, with the causes, because the message of a wrapping error alone rarely says it. */
function textOf(fault) {
  const text = fault instanceof Error ? (fault.stack ?? fault.message) : inspect(fault);
  const diff =
    fault?.actual === undefined
      ? ''
      : `\nactual: ${inspect(fault.actual)}\nexpected: ${inspect(fault.expected)}`;
  const cause = fault?.cause === undefined ? '' : `\ncause: ${inspect(fault.cause)}`;
  return [text, diff, cause].map((part) => part.slice(0, PART_CHARS_MAX)).join('');
}

/** Counts the tests of one shard into the file that STEADFILL_TEST_REPORT names; the runner adds the shards up. */
module.exports = class ShardReporter {
  constructor(runner) {
    const report = { passed: 0, failures: [], skipped: [] };
    runner.on(EVENT_TEST_PASS, () => (report.passed += 1));
    runner.on(EVENT_TEST_PENDING, (test) => report.skipped.push(test.fullTitle()));
    runner.on(EVENT_TEST_FAIL, (test, fault) =>
      report.failures.push({ title: test.fullTitle(), file: test.file, error: textOf(fault) }),
    );
    runner.once(EVENT_RUN_END, () =>
      writeFileSync(process.env.STEADFILL_TEST_REPORT, JSON.stringify(report)),
    );
  }
};
