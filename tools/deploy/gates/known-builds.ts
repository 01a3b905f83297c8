import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeRouting } from '../routing/deployment';
import type { BuildRecord } from '../builds/build-record';
import type { DeployContext } from '../context';

type Temporal = Pick<DeployContext, 'client' | 'namespace' | 'deploymentName'>;

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
export async function knownBuilds(context: Temporal): Promise<KnownBuilds> {
  const { current, versions } = await describeRouting(context);
  const buildIds = versions.map(({ buildId }) => buildId).filter((id) => id !== '');
  return { buildIds, current: current === '' ? undefined : current };
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
