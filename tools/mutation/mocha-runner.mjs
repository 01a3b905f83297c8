import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import Mocha from 'mocha';

// Stryker's own runner for mocha reads files inside mocha that mocha 12 no longer has, and the one that does not
// needs Node 22. This one uses mocha's public interface alone. It keeps the loaded tests for all mutants that can be
// switched on afterwards; for the others, which act while modules load, Stryker starts a process each.
const INSTRUMENTER = '__stryker__';
const FOLDER = 'test/unit/order';
/** Random stories find nearly everything, slowly; what a single example finds should not wait for them. */
const SLOW = ['order-properties.test.ts', 'order-model.test.ts'];
const STORIES = '250';

function testFiles() {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.test.ts'));
  const quick = files.filter((file) => !SLOW.includes(file)).sort();
  return [...quick, ...SLOW.filter((file) => files.includes(file))].map((file) =>
    join(process.cwd(), FOLDER, file),
  );
}

/** The results of one run in the form that Stryker takes. */
function collector(results) {
  return class {
    constructor(runner) {
      let startedAtMs = performance.now();
      const note = (test, outcome) => {
        const name = (test.ctx?.currentTest ?? test).fullTitle();
        results.push({ id: name, name, timeSpentMs: performance.now() - startedAtMs, ...outcome });
        startedAtMs = performance.now();
      };
      runner.on('pass', (test) => note(test, { status: TestStatus.Success, fileName: test.file }));
      runner.on('fail', (test, fault) =>
        note(test, { status: TestStatus.Failed, failureMessage: String(fault?.message ?? fault) }),
      );
    }
  };
}

function setBail(suite, bail) {
  suite.bail(bail);
  for (const child of suite.suites) setBail(child, bail);
}

const quoted = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

class MochaRunner {
  constructor() {
    this.mutants = globalThis[INSTRUMENTER] ??= {};
    this.isLoaded = false;
    this.isRunning = false;
    this.beforeEach = undefined;
  }

  async capabilities() {
    return { reloadEnvironment: false };
  }

  async init() {
    process.env.STEADFILL_STORIES = STORIES;
    createRequire(import.meta.url)('tsx/cjs');
    this.mocha = new Mocha({ timeout: 0 });
    this.mocha.cleanReferencesAfterRun(false);
    for (const file of testFiles()) this.mocha.addFile(file);
    const runner = this;
    this.mocha.suite.beforeEach('note the test that covers', function noteTest() {
      runner.beforeEach?.(this.currentTest);
    });
  }

  async dryRun({ coverageAnalysis, disableBail }) {
    if (coverageAnalysis === 'perTest') {
      this.beforeEach = (test) => (this.mutants.currentTestId = test?.fullTitle());
    }
    const result = await this.run({ disableBail });
    this.beforeEach = undefined;
    if (result.status !== DryRunStatus.Complete || coverageAnalysis === 'off') return result;
    return { ...result, mutantCoverage: this.mutants.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, disableBail, hitLimit, mutantActivation }) {
    this.mutants.hitLimit = hitLimit;
    this.mutants.hitCount = hitLimit ? 0 : undefined;
    const names = testFilter?.map((name) => `(^${quoted(name)}$)`).join('|');
    this.mocha.grep(new RegExp(names ?? ''));
    return toMutantRunResult(await this.run({ disableBail, mutantId: activeMutant.id, mutantActivation }));
  }

  async run({ disableBail, mutantId, mutantActivation }) {
    const tests = [];
    try {
      if (!this.isLoaded) {
        this.mutants.activeMutant = mutantActivation === 'static' ? mutantId : undefined;
        this.mocha.loadFiles();
        this.isLoaded = true;
      }
      setBail(this.mocha.suite, !disableBail);
      this.mutants.activeMutant = mutantId;
      this.mocha.reporter(collector(tests));
      this.isRunning = true;
      await new Promise((done) => this.mocha.run(done));
      this.isRunning = false;
    } catch (fault) {
      return { status: DryRunStatus.Error, errorMessage: String(fault?.stack ?? fault) };
    }
    const looped = determineHitLimitReached(this.mutants.hitCount, this.mutants.hitLimit);
    return looped ?? { status: DryRunStatus.Complete, tests };
  }

  /** A run that loops for ever is not over yet; its process is about to be killed. */
  async dispose() {
    if (!this.isRunning) this.mocha?.dispose();
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'steadfill-mocha', MochaRunner)];
