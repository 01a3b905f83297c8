import { setTimeout as pause } from 'node:timers/promises';
import { recordStep } from '../audit';
import { findBuild } from '../builds/build-store';
import { requireWorker } from '../candidate';
import { moveOrders, type Moved } from '../move-orders';
import { EXIT, Refusal, type Outcome } from '../outcome';
import { countOpenOrders, describeRouting, type VersionStatus } from '../routing/deployment';
import { readRunningBuilds } from '../state/running-builds';
import type { RoutingContext } from '../context';

export interface DrainOptions {
  /** The build to drain; every build that takes no new orders when left out. */
  build?: string;
  /** Moves open orders to the build that takes new ones instead of waiting for their end. */
  move?: boolean;
  /** Where to move them, when not to the current build. */
  to?: string;
  /** Longest to wait; 0 only looks. */
  waitSeconds: number;
}

interface Left {
  buildId: string;
  openOrders: number;
  status: VersionStatus;
}

const POLL_MS = 1_000;

/**
 * Waits until builds that take no new orders have no open ones, or moves those away, with progress. Answers 0 when all
 * are drained and 3 when the time is over first; given again, it goes on.
 */
export async function drain(context: RoutingContext, options: DrainOptions): Promise<Outcome> {
  const asked = await buildsToDrain(context, options.build);
  if (asked.length === 0)
    return { exitCode: EXIT.done, lines: ['There is nothing to drain.'], data: { drained: [], left: [] } };
  const moved = options.move === true ? await moveAll(context, asked, options.to) : [];
  const left = await untilDrained(context, asked, context.dryRun ? 0 : options.waitSeconds);
  const drained = asked.filter((buildId) => !left.some((one) => one.buildId === buildId));
  for (const buildId of drained)
    await recordStep(context, { command: 'drain', step: 'drained', buildId, details: {} });
  const lines = [
    ...moved.flatMap(linesOfMoved),
    ...drained.map((buildId) => `Build ${buildId} is drained; "stop" may stop it.`),
    ...left.map(
      ({ buildId, openOrders, status }) => `Build ${buildId} has ${openOrders} open orders (${status}).`,
    ),
  ];
  const exitCode = left.length === 0 ? EXIT.done : EXIT.undecided;
  return { exitCode, lines, data: { drained, left, moved } };
}

async function buildsToDrain(context: RoutingContext, named: string | undefined): Promise<string[]> {
  const { current, ramping } = await describeRouting(context);
  if (named === undefined) {
    const { builds } = await readRunningBuilds(context.home);
    return builds
      .map(({ buildId }) => buildId)
      .filter((buildId) => buildId !== current && buildId !== ramping);
  }
  const { buildId } = await findBuild(context.home, named);
  if (buildId === current || buildId === ramping)
    throw new Refusal(`Build ${buildId} takes new orders; promote another one, or roll it back, first.`);
  return [buildId];
}

async function moveAll(
  context: RoutingContext,
  from: readonly string[],
  to: string | undefined,
): Promise<Moved[]> {
  const { current } = await describeRouting(context);
  const target = to ?? current;
  if (target === undefined) throw new Refusal('No build takes orders, so there is none to move them to.');
  const build = await findBuild(context.home, target);
  await requireWorker(context, build.buildId);
  const moved: Moved[] = [];
  for (const buildId of from) moved.push(await moveOrders(context, buildId, build));
  return moved;
}

function linesOfMoved({ from, to, moved, stay }: Moved): string[] {
  const first = `${moved.length} open orders moved from build ${from} to build ${to}.`;
  return [first, ...stay.map(({ workflowId, why }) => `${workflowId} stays: ${why}`)];
}

async function untilDrained(
  context: RoutingContext,
  asked: readonly string[],
  waitSeconds: number,
): Promise<Left[]> {
  const deadline = Date.now() + waitSeconds * 1_000;
  let said = '';
  for (;;) {
    const left = await whatIsLeft(context, asked);
    if (left.length === 0 || Date.now() >= deadline) return left;
    const line = left
      .map(({ buildId, openOrders, status }) => `${buildId}: ${openOrders} open, ${status}`)
      .join('; ');
    if (line !== said) context.say(line);
    said = line;
    await pause(POLL_MS);
  }
}

async function whatIsLeft(context: RoutingContext, asked: readonly string[]): Promise<Left[]> {
  const { versions } = await describeRouting(context);
  const states = await Promise.all(
    asked.map(async (buildId): Promise<Left> => {
      const status = versions.find((version) => version.buildId === buildId)?.status ?? 'unknown';
      return { buildId, status, openOrders: await countOpenOrders(context, buildId) };
    }),
  );
  return states.filter(({ openOrders, status }) => openOrders > 0 || status === 'draining');
}
