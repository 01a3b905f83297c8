import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { MetricsTarget } from '../support/running-system';
import { writeJson, type Home } from './home';
import type { ChildSpec } from './managed-child';

const RULES = resolve(__dirname, '../../dashboards/prometheus/alerts.yml');
const SCRAPE_INTERVAL = '5s';
/** The server's own metrics are over a megabyte, which it takes a while to write. */
const SLOW_TARGET = { name: 'temporal', interval: '30s' };

/** A child that serves its metrics on a loopback port of its own. */
export function servingMetrics(spec: ChildSpec, port: number): ChildSpec {
  const address = `127.0.0.1:${port}`;
  return {
    ...spec,
    env: { ...spec.env, STEADFILL_METRICS_ADDRESS: address },
    metricsUrl: `http://${address}/metrics`,
  };
}

/** Where the children serve metrics, for run.json. */
export function metricsTargetsOf(specs: readonly ChildSpec[]): MetricsTarget[] {
  return specs.flatMap(({ name, metricsUrl, buildId }) =>
    metricsUrl === undefined ? [] : [{ name, url: metricsUrl, ...(buildId !== undefined && { buildId }) }],
  );
}

/** The targets in the form of Prometheus' file-based service discovery: the process is the `instance`. */
export function serviceDiscoveryOf(targets: readonly MetricsTarget[]): unknown {
  return targets.map(({ name, url, buildId }) => {
    const { host, pathname } = new URL(url);
    return {
      targets: [host],
      labels: {
        __metrics_path__: pathname,
        instance: name,
        ...(name === SLOW_TARGET.name && { __scrape_interval__: SLOW_TARGET.interval }),
        ...(buildId !== undefined && { build: buildId }),
      },
    };
  });
}

/** A configuration that works as it is: `prometheus --config.file=<home>/prometheus/prometheus.yml`. */
export function prometheusConfigOf(targetsFile: string): string {
  return [
    '# Written by npm start. Prometheus reads the targets again whenever their file changes.',
    'global:',
    `  scrape_interval: ${SCRAPE_INTERVAL}`,
    `  evaluation_interval: ${SCRAPE_INTERVAL}`,
    'rule_files:',
    `  - ${JSON.stringify(RULES)}`,
    'scrape_configs:',
    '  - job_name: steadfill',
    '    file_sd_configs:',
    `      - files: [${JSON.stringify(targetsFile)}]`,
    '',
  ].join('\n');
}

/** Writes the configuration and the targets into the home, each in one step. */
export async function writePrometheusFiles(home: Home, targets: readonly MetricsTarget[]): Promise<void> {
  const config = join(dirname(home.metricsTargetsFile), 'prometheus.yml');
  await mkdir(dirname(config), { recursive: true });
  await writeFile(`${config}.new`, prometheusConfigOf(home.metricsTargetsFile));
  await rename(`${config}.new`, config);
  await writeJson(home.metricsTargetsFile, serviceDiscoveryOf(targets));
}
