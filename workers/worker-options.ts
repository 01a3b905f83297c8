import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../config/config';

/** Longest a drain may take before activities are cut; longer than any activity attempt. */
const SHUTDOWN_GRACE = '20s';
const SHUTDOWN_FORCE = '25s';

/** A drain that lets activities end, and the name of the build that this process runs, for those who look. */
export function sharedWorkerOptions(config: Config, buildId: string): Partial<WorkerOptions> {
  return {
    workerDeploymentOptions: {
      version: { deploymentName: config.STEADFILL_DEPLOYMENT_NAME, buildId },
      useWorkerVersioning: false,
    },
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
  };
}

/**
 * The order worker of a build: its orders stay with it from their first task to their last. Without a build there is
 * no version to stay with, so a worker in a checkout takes tasks of unversioned orders only.
 */
export function buildWorkerOptions(
  config: Config,
  buildId: string,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  return {
    workerDeploymentOptions: {
      version: { deploymentName: config.STEADFILL_DEPLOYMENT_NAME, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
