import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { openHome } from '../../../tools/start/home';
import { writePrometheusFiles } from '../../../tools/start/metrics-targets';
import { testPromtool } from '../../support/servers';

// Goal: each alert fires when it should and none does when all is well; Prometheus takes what npm start writes.
// Method: Prometheus' own tool over the rules, their tests and a home; and rules that are broken on purpose.
const run = promisify(execFile);
const FOLDER = resolve(__dirname, '../../../dashboards/prometheus');
const ALERTS = join(FOLDER, 'alerts.yml');

describe('component: alerts and Prometheus', function () {
  this.timeout(120_000);
  let promtool = '';
  const scratch = mkdtempSync(join(tmpdir(), 'steadfill-alerts-'));
  before(async function () {
    const found = await testPromtool();
    // Without promtool there is nothing to test with; the run shows these as skipped.
    if (found === undefined) this.skip();
    promtool = found;
  });
  after(() => rmSync(scratch, { recursive: true }));

  const testRules = (folder: string) => run(promtool, ['test', 'rules', join(folder, 'alerts.test.yml')]);
  /** A copy of the rules in which `change` was made. */
  const changed = (name: string, change: (rules: string) => string): string => {
    const folder = join(scratch, name);
    cpSync(FOLDER, folder, { recursive: true });
    const before = readFileSync(ALERTS, 'utf8');
    const rules = change(before);
    assert.notEqual(rules, before, 'the change finds its place');
    writeFileSync(join(folder, 'alerts.yml'), rules);
    return folder;
  };

  it('are rules that Prometheus takes', async () => {
    const { stdout } = await run(promtool, ['check', 'rules', ALERTS]);
    assert.match(stdout, /SUCCESS: \d+ rules found/);
  });

  it('fire in their tests, and are silent when all is well', async () => {
    await testRules(FOLDER);
  });

  for (const [name, from, to, says] of [
    [
      'an alert that never fires',
      'steadfill_orders_stuck) > 0',
      'steadfill_orders_stuck) > 1000',
      'OrdersStuck',
    ],
    [
      'an alert that always fires',
      'steadfill_venue_session_up) == 0',
      'steadfill_venue_session_up) >= 0',
      'SessionDown',
    ],
    [
      'an alert on a metric that nobody sets',
      'min by (dependency) (steadfill_dependency_up)',
      'min by (dependency) (steadfill_dependency)',
      'DependencyDown',
    ],
  ] as const) {
    it(`would notice ${name}`, async () => {
      const folder = changed(name.replaceAll(' ', '-'), (rules) => rules.replace(from, to));
      await assert.rejects(testRules(folder), (fault: { stdout?: string; stderr?: string }) => {
        assert.match(`${fault.stdout ?? ''}${fault.stderr ?? ''}`, new RegExp(says));
        return true;
      });
    });
  }

  it('come with a configuration and targets that Prometheus takes', async () => {
    const folder = join(scratch, 'a home with "quotes"');
    mkdirSync(folder);
    const home = await openHome(folder);
    await writePrometheusFiles(home, [
      { name: 'temporal', url: 'http://127.0.0.1:9001/metrics' },
      { name: 'worker-orders', url: 'http://127.0.0.1:9002/metrics', buildId: 'b1' },
    ]);
    const { stdout } = await run(promtool, ['check', 'config', join(folder, 'prometheus/prometheus.yml')]);
    assert.match(stdout, /SUCCESS: .*prometheus\.yml is valid/);
    assert.match(stdout, /SUCCESS: \d+ rules found/);
    const targets = JSON.parse(readFileSync(home.metricsTargetsFile, 'utf8')) as unknown;
    assert.deepEqual(targets, [
      {
        targets: ['127.0.0.1:9001'],
        labels: { __metrics_path__: '/metrics', instance: 'temporal', __scrape_interval__: '30s' },
      },
      {
        targets: ['127.0.0.1:9002'],
        labels: { __metrics_path__: '/metrics', instance: 'worker-orders', build: 'b1' },
      },
    ]);
  });
});
