import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkManifest } from '../../replay/manifest';
import { storedHistoryFiles } from '../../replay/replay';
import { ORDER_WORKFLOW_TYPE } from '../../../workflows/order-entry/order-messages';
import { knownBuilds } from './known-builds';
import { sampleOpenOrders, type LiveSample, type SampleGroup } from './live-sample';
import { runForJson } from './run-child';
import type { BuildRecord } from '../builds/build-record';
import type { DeployContext } from '../context';
import type { GateResult } from './gate-result';
import type { ReplayOutcome } from '../../../workers/replay-histories';
import { WORKFLOW_THREAD } from '../../support/workflow-thread';

const REPLAY_MS_MAX = 5 * 60_000;
const FAULTS_NAMED_MAX = 20;
const SAMPLE_ATTEMPTS = 3;

type ReplayContext = Pick<DeployContext, 'client' | 'namespace' | 'deploymentName'>;

/**
 * Replays the stored histories and a sample of open orders of every state and build with the candidate's own SDK and
 * bundle. Not ok on any fault, when nothing was replayed, and when a group of open orders was left out.
 */
export async function replayGate(
  context: ReplayContext,
  build: Pick<BuildRecord, 'dir' | 'bundlePath'>,
  sampleMax: number,
): Promise<GateResult> {
  const folder = await mkdtemp(join(tmpdir(), 'steadfill-replay-'));
  try {
    const faults = await checkManifest([ORDER_WORKFLOW_TYPE]);
    const stored = (await storedHistoryFiles()).map((file) => ({ name: basename(file), file }));
    const live = await sampleSteadily(context, sampleMax, folder);
    const outcomes = await replayWith(build, [...stored, ...live.histories]);
    return judge(stored.length, live, outcomes, faults);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function replayWith(
  { dir, bundlePath }: Pick<BuildRecord, 'dir' | 'bundlePath'>,
  histories: readonly { name: string; file: string }[],
): Promise<ReplayOutcome[]> {
  const script = join(dir, 'workers/replay-files.ts');
  if (!existsSync(script)) throw new Error(`the build has no ${script}, so it cannot be replayed`);
  // The workflow threads of this build's order worker run with it too; a build of before it has none.
  const preload = join(dir, WORKFLOW_THREAD);
  const options = {
    cwd: dir,
    input: JSON.stringify(histories),
    timeoutMs: REPLAY_MS_MAX,
    ...(existsSync(preload) && { preload }),
  };
  return (await runForJson(script, [bundlePath], options)) as ReplayOutcome[];
}

function judge(
  storedCount: number,
  live: LiveSample,
  outcomes: readonly ReplayOutcome[],
  manifestFaults: readonly string[],
): GateResult {
  const failed = outcomes.filter(({ ok }) => !ok);
  const liveCount = live.histories.length;
  const faults = [...manifestFaults, ...sampleFaults(live)];
  if (storedCount === 0) faults.push('no stored history was replayed');
  if (outcomes.length !== storedCount + liveCount)
    faults.push(`${outcomes.length} outcomes of ${storedCount + liveCount} histories`);
  const ok = failed.length === 0 && faults.length === 0;
  const first = failed[0];
  const said = [
    `${storedCount} stored and ${liveCount} live histories of ${live.openOrders} open orders replayed`,
    ...(first === undefined
      ? []
      : [`${failed.length} failed, first ${first.workflowId}: ${first.fault ?? ''}`]),
    ...faults,
  ];
  return {
    gate: 'replay',
    ok,
    summary: `${said.join('; ')}.`,
    figures: {
      stored: storedCount,
      live: liveCount,
      openOrders: live.openOrders,
      groups: live.groups,
      failed: failed.length,
      faults: failed.slice(0, FAULTS_NAMED_MAX).map(({ workflowId, fault }) => ({ workflowId, fault })),
    },
  };
}

/**
 * A sample of nothing proves nothing. A group whose orders have no completed task yet holds nothing to contradict, but
 * when that is all there is, somebody has to look.
 */
function sampleFaults({ openOrders, groups, histories }: LiveSample): string[] {
  const faults = groups
    .filter((group) => isLeftOut(group))
    .map(
      ({ state, build, open }) =>
        `none of ${open} open orders in state ${state} on build ${build} was replayed`,
    );
  if (openOrders > 0 && histories.length === 0)
    faults.push(`${openOrders} orders are open, and none was replayed`);
  return faults;
}

function isLeftOut({ sampled, unusable }: SampleGroup): boolean {
  return sampled === 0 && unusable === 0;
}

/** Orders end while we look, so a group that has gone since it was counted is counted again. */
async function sampleSteadily(
  context: ReplayContext,
  sampleMax: number,
  folder: string,
): Promise<LiveSample> {
  for (let attempt = 1; ; attempt += 1) {
    const { buildIds } = await knownBuilds(context);
    const sample = await sampleOpenOrders(context, buildIds, sampleMax, folder);
    if (attempt >= SAMPLE_ATTEMPTS || sampleFaults(sample).length === 0) return sample;
  }
}
