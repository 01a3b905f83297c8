import { compatibilityGate } from './compatibility-gate';
import { buildFolder, knownBuilds, type BuildFolder } from './known-builds';
import { probeGate } from './probe-gate';
import { replayGate } from './replay-gate';
import type { BuildRecord } from '../builds/build-record';
import type { DeployContext } from '../context';
import type { GateName, GateResult } from './gate-result';

export type { GateName, GateResult } from './gate-result';

export interface GateOptions {
  /** Histories of open orders that are replayed, about; at least one of each state and build. */
  sampleMax?: number;
  /** The build that takes orders now; found in this home when left out. */
  current?: BuildFolder;
  /** How long each step of the probe may take, in milliseconds. */
  probeStepMsMax?: number;
  /** Which gates to run; the probe needs a worker of the candidate. All when left out. */
  only?: readonly GateName[];
}

/**
 * Judges a build before it takes traffic. Every gate gives a result, also when an earlier one failed: whoever mends the
 * build wants to know all of it. A gate that cannot look is not ok. In a dry run nothing is sent, so the probe is left
 * out.
 */
export async function runGates(
  context: DeployContext,
  build: BuildRecord,
  options: GateOptions = {},
): Promise<GateResult[]> {
  const { sampleMax = context.config.STEADFILL_DEPLOY_REPLAY_SAMPLE, only } = options;
  const gates: Record<GateName, () => Promise<GateResult>> = {
    replay: () => replayGate(context, build, sampleMax),
    compatibility: async () =>
      compatibilityGate(context, build, options.current ?? (await currentBuild(context, build.buildId))),
    probe: () => probeGate(context, build, options.probeStepMsMax),
  };
  const wanted = (Object.keys(gates) as GateName[])
    .filter((gate) => only === undefined || only.includes(gate))
    .filter((gate) => !(context.dryRun && gate === 'probe'));
  const results: GateResult[] = [];
  for (const gate of wanted) {
    const result = await orNotOk(gate, gates[gate]);
    context.say(`gate ${gate}: ${result.ok ? 'ok' : 'NOT OK'}. ${result.summary}`);
    results.push(result);
  }
  return results;
}

async function orNotOk(gate: GateName, look: () => Promise<GateResult>): Promise<GateResult> {
  try {
    return await look();
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : String(fault);
    return { gate, ok: false, summary: `The gate could not look: ${message}`, figures: { fault: message } };
  }
}

/** Undefined when no build takes orders yet, or this one already does. Throws when its snapshot is gone. */
async function currentBuild(context: DeployContext, candidate: string): Promise<BuildFolder | undefined> {
  const { current } = await knownBuilds(context);
  if (current === undefined || current === candidate) return undefined;
  const folder = await buildFolder(context.home, current);
  if (folder === undefined)
    throw new Error(`the snapshot of the current build ${current} is not in ${context.home}`);
  return folder;
}
