import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRecord } from '../builds/build-record';
import type { DeployContext } from '../context';

type Temporal = Pick<DeployContext, 'client' | 'namespace' | 'deploymentName'>;

const GRPC_NOT_FOUND = 5;
const CALL_MS_MAX = 10_000;

/** What Temporal's visibility shows as `TemporalWorkerDeploymentVersion` of an order that a build runs. */
export function versionText(deploymentName: string, buildId: string): string {
  return `${deploymentName}:${buildId}`;
}

/** The builds that Temporal knows of this deployment, and the one that new orders go to. */
export interface KnownBuilds {
  buildIds: string[];
  current: string | undefined;
}

/** None and undefined when the deployment is not known yet. */
export async function knownBuilds({ client, namespace, deploymentName }: Temporal): Promise<KnownBuilds> {
  try {
    const { workerDeploymentInfo: info } = await client.withDeadline(Date.now() + CALL_MS_MAX, () =>
      client.workflowService.describeWorkerDeployment({ namespace, deploymentName }),
    );
    const ids = (info?.versionSummaries ?? []).map(
      ({ deploymentVersion }) => deploymentVersion?.buildId ?? '',
    );
    const current = info?.routingConfig?.currentDeploymentVersion?.buildId ?? '';
    return { buildIds: ids.filter((id) => id !== ''), current: current === '' ? undefined : current };
  } catch (fault) {
    if ((fault as { code?: number }).code !== GRPC_NOT_FOUND) throw fault;
    return { buildIds: [], current: undefined };
  }
}

/** Where the sources of a build lie, and what it was made from. */
export type BuildFolder = Pick<BuildRecord, 'buildId' | 'dir'> & Partial<Pick<BuildRecord, 'from'>>;

/** The snapshot of a build in this home, or undefined when it is not there. */
export async function buildFolder(home: string, buildId: string): Promise<BuildFolder | undefined> {
  const dir = join(home, 'builds', buildId);
  const text = await readFile(join(dir, 'build.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { from } = JSON.parse(text) as Partial<BuildRecord>;
  return { buildId, dir, ...(from !== undefined && { from }) };
}
