import assert from 'node:assert/strict';
import { METRICS } from '../../../observability/metrics/catalog';
import type { MetricDefinition } from '../../../observability/metrics/definition';
import { FOREIGN_METRICS } from '../../../observability/metrics/foreign';
import { readRepositoryFile, repositoryFiles } from './source-files';

// Goal: dashboards, alerts and runbooks speak of metrics that exist and of each other.
// Method: their expressions are searched for names, and the names are looked up in the catalogue.
const ALERTS = 'dashboards/prometheus/alerts.yml';
const ALERT_TESTS = 'dashboards/prometheus/alerts.test.yml';

interface Dashboard {
  uid: string;
  title: string;
  panels: { id: number; title: string; gridPos: object; targets: { expr: string }[] }[];
}

const definitions: MetricDefinition[] = Object.values(METRICS);
const known = new Map<string, MetricDefinition | undefined>([
  ...definitions.map((definition) => [definition.name, definition] as const),
  ...Object.keys(FOREIGN_METRICS).map((name) => [name, undefined] as const),
]);

function metricsIn(expression: string): string[] {
  const names = expression.match(/\b(steadfill|temporal|nodejs|process)_\w+/g) ?? [];
  return names.map((name) => (known.has(name) ? name : name.replace(/_(bucket|count|sum)$/, '')));
}

/** Labels by which an expression sums or selects, of the metric that it is about when there is one only. */
function labelsIn(expression: string): string[] {
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inside = '']) =>
    inside.split(/\s*,\s*/),
  );
  const selected = [...expression.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label);
  return [...grouped, ...selected].filter((label) => !['le', 'instance', 'job'].includes(label));
}

function assertKnown(expression: string): void {
  const names = metricsIn(expression);
  for (const name of names) assert.ok(known.has(name), `${name} is in no catalogue`);
  assert.ok(names.length > 0 || /\bup\b/.test(expression), `no metric in ${expression}`);
  const [only] = new Set(names);
  const definition = only === undefined ? undefined : known.get(only);
  if (definition === undefined) return;
  for (const label of labelsIn(expression)) {
    assert.ok(label in definition.labels, `${definition.name} has no label ${label}`);
  }
}

const alertsText = readRepositoryFile(ALERTS);
const alerts = alertsText
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((text) => {
    const [name = ''] = text.split('\n');
    const expression = (/expr: (?:>-)?([\s\S]*?)\n {8}(?:for|labels):/.exec(text)?.[1] ?? '')
      .replace(/\s+/g, ' ')
      .trim();
    const runbook = /runbook_url: (\S+)/.exec(text)?.[1] ?? '';
    return { name, expression, runbook, text };
  });

describe('alert rules', () => {
  it('are there', () => assert.ok(alerts.length >= 15));

  for (const { name, expression, runbook, text } of alerts) {
    it(`${name} is about known metrics, has a severity, a runbook and tests`, () => {
      assertKnown(expression);
      assert.match(text, /severity: (page|ticket)/);
      assert.match(runbook, /^docs\/runbooks\/[a-z-]+\.md$/);
      const page = readRepositoryFile(runbook);
      assert.ok(page.startsWith(`# ${name}\n`));
      assert.ok(page.replace(/\s+/g, ' ').includes(expression), `${runbook} shows another expression`);
      for (const heading of ['What it means', 'Look', 'Act', 'It is over when']) {
        assert.ok(page.includes(`## ${heading}\n`), `${runbook} has no part "${heading}"`);
      }
      assert.ok(readRepositoryFile('docs/runbooks/README.md').includes(`[${name}](`));
      const tests = readRepositoryFile(ALERT_TESTS);
      const silent = new RegExp(`alertname: ${name}\\n +eval_time: \\w+\\n +exp_alerts: \\[\\]`);
      const fires = new RegExp(`alertname: ${name}\\n +eval_time: \\w+\\n +exp_alerts:\\n +- exp_labels:`);
      assert.match(tests, silent, 'is silent when all is well');
      assert.match(tests, fires, 'fires');
    });
  }

  it('leave no runbook without its alert', () => {
    const pages = repositoryFiles().filter((path) => /^docs\/runbooks\/(?!README)/.test(path));
    assert.deepEqual(pages.sort(), alerts.map(({ runbook }) => runbook).sort());
  });
});

describe('dashboards', () => {
  const files = repositoryFiles().filter((path) => path.startsWith('dashboards/grafana/'));
  const boards = files.map((path) => JSON.parse(readRepositoryFile(path)) as Dashboard);

  it('cover order flow, latency, workers, venues and risk', () => {
    const uids = boards.map(({ uid }) => uid.replace('steadfill-', '')).sort();
    assert.deepEqual(uids, ['latency', 'order-flow', 'risk', 'temporal-workers', 'venues']);
  });

  for (const { title, panels } of boards) {
    it(`${title} is made of known metrics`, () => {
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
      for (const { targets } of panels) for (const { expr } of targets) assertKnown(expr);
    });
  }

  it('and alerts use every metric of ours but the figures that only help to look around', () => {
    const used = new Set([alertsText, ...boards.map((board) => JSON.stringify(board))].flatMap(metricsIn));
    assert.deepEqual(
      definitions.map(({ name }) => name).filter((name) => !used.has(name)),
      [],
    );
  });
});
