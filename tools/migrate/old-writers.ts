import { resolve } from 'node:path';
import { CORRECTION_WORKFLOW_TYPE } from '../../workflows/execution/correction-messages';
import { ORDER_WORKFLOW_TYPE } from '../../workflows/order-entry/order-messages';
import { buildFolder, knownBuilds, versionText } from '../deploy/gates/known-builds';
import { runForJson } from '../deploy/gates/run-child';
import type { DeployContext } from '../deploy/context';
import type { RuntimeContract } from '../deploy/contract/runtime-contract';

const CHECKOUT = resolve(__dirname, '../..');
const LOAD_MS_MAX = 60_000;

/**
 * Builds that have open orders, or take new ones, and write views below `viewVersion`; one sentence each. A build
 * whose snapshot is gone counts as old: nobody can say what it writes.
 */
export async function oldWriters(
  context: Pick<DeployContext, 'client' | 'namespace' | 'deploymentName' | 'home'>,
  viewVersion: number,
): Promise<string[]> {
  const { buildIds, current } = await knownBuilds(context);
  const found: string[] = [];
  for (const buildId of buildIds) {
    const version = versionText(context.deploymentName, buildId);
    const types = `'${ORDER_WORKFLOW_TYPE}', '${CORRECTION_WORKFLOW_TYPE}'`;
    const query = `WorkflowType IN (${types}) AND ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = '${version}'`;
    const { count } = await context.client.workflow.count(query);
    if (count === 0 && buildId !== current) continue;
    const writes = await viewVersionOf(context.home, buildId);
    if (writes !== undefined && writes >= viewVersion) continue;
    const what = writes === undefined ? 'writes nobody knows what' : `writes views of version ${writes}`;
    found.push(`build ${buildId} has ${count} open orders and ${what}`);
  }
  return found;
}

async function viewVersionOf(home: string, buildId: string): Promise<number | undefined> {
  const folder = await buildFolder(home, buildId);
  if (folder === undefined) return undefined;
  const script = resolve(CHECKOUT, 'tools/deploy/contract/runtime-contract.ts');
  const options = { cwd: CHECKOUT, timeoutMs: LOAD_MS_MAX };
  return ((await runForJson(script, [folder.dir], options)) as RuntimeContract).viewVersion;
}
