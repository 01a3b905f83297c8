import { recordStep } from './audit';
import { runGates } from './gates/run-gates';
import { Refusal } from './outcome';
import type { BuildRecord } from './builds/build-record';
import type { DeployContext } from './context';
import type { DeployAction } from './guard/guard-rules';

/** Runs the gates before a build takes its first order. Throws Refusal, with every result, when one of them says no. */
export async function passGates(
  context: DeployContext,
  command: DeployAction,
  build: BuildRecord,
): Promise<void> {
  const { buildId } = build;
  context.say(`Gates for build ${buildId} …`);
  const gates = await runGates(context, build);
  const refused = gates.filter(({ ok }) => !ok);
  const step = refused.length === 0 ? 'gatesPassed' : 'refusedByGates';
  await recordStep(context, { command, step, buildId, details: { gates } });
  if (refused.length === 0) return;
  const reasons = refused.map(({ gate, summary }) => `${gate}: ${summary}`).join('; ');
  throw new Refusal(`Build ${buildId} takes no orders, because the gates refuse it. ${reasons}`, {
    refusedBy: 'gates',
    buildId,
    gates,
  });
}
