import type { Client } from '@temporalio/client';
import type { Config } from '../../config/config';
import { listBuilds } from '../deploy/builds/build-store';
import { forgetStopped } from '../deploy/forget-builds';
import { countOpenOrders, describeRouting, setCurrent, type Routing } from '../deploy/routing/deployment';
import {
  readRunningBuilds,
  updateRunningBuilds,
  withBuild,
  withCurrent,
  type RunningBuilds,
} from '../deploy/state/running-builds';
import { readCheckoutBuild } from './checkout-build';
import type { RoutingContext } from '../deploy/context';

export interface StartRelease {
  config: Config;
  client: Client;
  namespace: string;
  /** For the user's terminal. */
  say: (line: string) => void;
}

/**
 * Decides at a start which builds run and where new orders go, before any worker is up. The first start makes the
 * checkout the current build. Later ones bring back every build that takes orders or still has open ones; only in the
 * demo profile, and only until somebody deploys, do new orders follow the checkout.
 */
export async function releaseAtStart({ config, client, namespace, say }: StartRelease): Promise<void> {
  const home = config.STEADFILL_HOME;
  const context: RoutingContext = {
    config,
    client,
    namespace,
    deploymentName: config.STEADFILL_DEPLOYMENT_NAME,
    home,
    say,
    nowMs: () => Date.now(),
    dryRun: false,
    by: 'npm start',
  };
  const checkout = (await readCheckoutBuild(home))?.buildId;
  const before = await describeRouting(context);
  const running = await readRunningBuilds(home);
  const current = await chooseCurrent(context, before, running, checkout);
  const kept = await buildsToKeep(context, { ...before, current }, running);
  await updateRunningBuilds(home, (now) => {
    const next = withCurrent(
      { ...now, builds: now.builds.filter(({ buildId }) => kept.has(buildId)) },
      current,
    );
    const left = before.versions.map(({ buildId }) => buildId).filter((buildId) => !kept.has(buildId));
    const toForget = [...new Set([...next.toForget, ...left])];
    return [...kept].reduce((all, buildId) => withBuild(all, { buildId, startedBy: 'start' }), {
      ...next,
      toForget,
    });
  });
  await forgetStopped(context);
  await explain(context, { current, checkout, running, kept });
}

/** The build that takes new orders from now on. */
async function chooseCurrent(
  context: RoutingContext,
  routing: Routing,
  running: RunningBuilds,
  checkout: string | undefined,
): Promise<string> {
  const { current } = routing;
  const isFree =
    current === undefined || (followsCheckout(context, running) && routing.ramping === undefined);
  if (!isFree || checkout === undefined || checkout === current) {
    if (current !== undefined) return current;
    throw new Error('No build takes orders, and none was made of this checkout.');
  }
  await setCurrent(context, { buildId: checkout, basedOn: routing, allowNoPollers: true });
  return checkout;
}

const followsCheckout = ({ config }: RoutingContext, { routedBy }: RunningBuilds): boolean =>
  config.STEADFILL_PROFILE === 'demo' && routedBy === 'start';

/** Builds that take orders, that somebody asked for, or that open orders are pinned to. */
async function buildsToKeep(
  context: RoutingContext,
  { current, ramping }: Pick<Routing, 'current' | 'ramping'>,
  running: RunningBuilds,
): Promise<Set<string>> {
  const asked = running.builds
    .filter(({ startedBy }) => startedBy === 'deploy')
    .map(({ buildId }) => buildId);
  const kept = new Set([current, ramping, ...asked].filter((buildId) => buildId !== undefined));
  for (const { buildId } of await listBuilds(context.home)) {
    if (!kept.has(buildId) && (await countOpenOrders(context, buildId)) > 0) kept.add(buildId);
  }
  return kept;
}

interface Chosen {
  current: string;
  checkout: string | undefined;
  running: RunningBuilds;
  kept: ReadonlySet<string>;
}

async function explain(context: RoutingContext, { current, checkout, running, kept }: Chosen): Promise<void> {
  const { say } = context;
  if (running.current !== undefined && running.current !== current) {
    say(`The code in front of you is build ${current}; new orders run on it (before: ${running.current}).`);
  }
  if (checkout !== current) {
    say(
      `New orders run on build ${current}. The code in front of you is ${checkout === undefined ? 'another one' : `build ${checkout}`}; ` +
        'bring it in with "npm run deploy -- start" and "npm run deploy -- canary".',
    );
  }
  for (const buildId of kept) {
    if (buildId === current) continue;
    say(`Build ${buildId} runs too, with ${await countOpenOrders(context, buildId)} open orders of its own.`);
  }
}
