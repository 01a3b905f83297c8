import { listBuilds } from '../builds/build-store';
import { digestSources } from '../builds/build-sources';
import { EXIT, type Outcome } from '../outcome';
import { countOpenOrders, describeRouting, type Routing } from '../routing/deployment';
import { buildsWithWorkers } from '../routing/workers';
import { readRunningBuilds, type RunningBuilds } from '../state/running-builds';
import { resolve } from 'node:path';
import type { RoutingContext } from '../context';

const ROOT = resolve(__dirname, '../../..');
/** Temporal keeps this many versions of a deployment and refuses the next one. */
const VERSIONS_MAX = 100;
const VERSIONS_ALERT = 80;

interface BuildStatus {
  buildId: string;
  status: string;
  /** Percent of new orders. */
  share: number;
  openOrders: number;
  hasWorker: boolean;
  takenBack: boolean;
  createdAt?: string;
  from?: string;
  commit?: string;
}

/** Which builds there are, who takes new orders, and who still has open ones. Changes nothing. */
export async function status(context: RoutingContext): Promise<Outcome> {
  const [routing, running, builds, withWorkers, checkoutDigest] = await Promise.all([
    describeRouting(context),
    readRunningBuilds(context.home),
    listBuilds(context.home),
    buildsWithWorkers(context),
    digestSources(ROOT),
  ]);
  const ids = new Set([...builds, ...routing.versions].map(({ buildId }) => buildId));
  const rows: BuildStatus[] = [];
  for (const buildId of ids) {
    const known = builds.find((build) => build.buildId === buildId);
    rows.push({
      buildId,
      status: routing.versions.find((version) => version.buildId === buildId)?.status ?? 'not registered',
      share: shareOf(buildId, routing),
      openOrders: await countOpenOrders(context, buildId),
      hasWorker: withWorkers.has(buildId),
      takenBack: running.takenBack.includes(buildId),
      ...(known && { createdAt: known.createdAt, from: known.from }),
      ...(known?.commit !== undefined && { commit: known.commit }),
    });
  }
  const checkout = builds.find(({ sourceDigest }) => sourceDigest === checkoutDigest)?.buildId ?? null;
  const data = {
    deploymentName: context.deploymentName,
    current: routing.current ?? null,
    ramping: routing.ramping ?? null,
    percent: routing.percent,
    checkout,
    routedBy: running.routedBy,
    previous: running.previous ?? null,
    versions: routing.versions.length,
    builds: rows,
  };
  return { exitCode: EXIT.done, lines: linesOf(rows, routing, running, checkout), data };
}

function shareOf(buildId: string, { current, ramping, percent }: Routing): number {
  if (buildId === ramping) return percent;
  return buildId === current ? 100 - (ramping === undefined ? 0 : percent) : 0;
}

function linesOf(
  rows: readonly BuildStatus[],
  routing: Routing,
  running: RunningBuilds,
  checkout: string | null,
): string[] {
  const lines = rows.map(({ buildId, status: state, share, openOrders, hasWorker, takenBack }) =>
    [
      buildId,
      state.padEnd(14),
      `${share} % of new orders`.padEnd(22),
      `${openOrders} open`.padEnd(10),
      hasWorker ? 'worker up' : 'no worker',
      takenBack ? ' taken back' : '',
    ].join('  '),
  );
  if (checkout !== routing.current) {
    lines.push(`The code in front of you is ${checkout === null ? 'not built' : `build ${checkout}`}.`);
  }
  if (running.previous !== undefined) lines.push(`A rollback goes to build ${running.previous}.`);
  if (routing.versions.length >= VERSIONS_ALERT) {
    lines.push(
      `Temporal holds ${routing.versions.length} of ${VERSIONS_MAX} versions; stop builds that are drained.`,
    );
  }
  return lines;
}
