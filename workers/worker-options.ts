import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../config/config';

/** Longest a drain may take before activities are cut; longer than any activity attempt. */
const SHUTDOWN_GRACE = '20s';
const SHUTDOWN_FORCE = '25s';

/** What all workers share: identity of the build, and a drain that lets activities end. */
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
