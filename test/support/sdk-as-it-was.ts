import { createRequire } from 'node:module';
import { setEnvironmentData } from 'node:worker_threads';
import { LoggerWithComposedMetadata } from '@temporalio/common/lib/logger';
import { Worker } from '@temporalio/worker';
import { WorkflowCodecRunner } from '@temporalio/worker/lib/workflow-codec-runner';
import { WorkerThreadClient } from '@temporalio/worker/lib/workflow/threaded-vm';
import { LISTENS } from '../../observability/asked-early.cjs';

const load = createRequire(require.resolve('@temporalio/common/lib/internal-non-workflow'));

/** Everything of the SDK that workers of ours change for their process. */
const PLACES: readonly [object, readonly string[]][] = [
  [WorkerThreadClient.prototype, ['send', 'handlePatchActivationCallback']],
  [WorkflowCodecRunner.prototype, ['decodeActivation', 'encodeCompletion']],
  [LoggerWithComposedMetadata.prototype, ['trace', 'debug']],
  [Worker.prototype, ['processSinkCalls']],
  [load('./payload-visitor') as object, ['visit']],
  [load('./external-storage-visitor') as object, ['extstoreInboundOptions']],
];

/** Notes the SDK as it is; the answer puts it back, so that suites of one process do not meet each other's changes. */
export function keepSdk(): () => void {
  const kept = PLACES.map(([place, names]) => {
    const known = place as Record<string, unknown>;
    return { place, properties: Object.fromEntries(names.map((name) => [name, known[name]])) };
  });
  return () => {
    for (const { place, properties } of kept) Object.assign(place, properties);
    setEnvironmentData(LISTENS, false);
  };
}
