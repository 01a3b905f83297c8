import type { LogMetadata } from '@temporalio/common';
import { LoggerWithComposedMetadata } from '@temporalio/common/lib/logger';
import { Worker } from '@temporalio/worker';
import { WorkflowCodecRunner } from '@temporalio/worker/lib/workflow-codec-runner';
import type { SinkCall } from '@temporalio/workflow';
import type { Logger } from '../observability/logger';
import { checkPayloadsAtOnce } from './payload-check';

/** The codecs that a worker was created with; private in the SDK's class. */
type Runner = { codecs: readonly unknown[] };
type ProcessCalls = (this: Worker, calls: SinkCall[], attributes: Record<string, unknown>) => Promise<void>;
type Copy = (this: Runner, message: unknown) => Promise<unknown>;

/**
 * The message as it is where no payload codec is to change it. The SDK copies each activation and each completion, with
 * a promise for every payload, so that codecs can change them, also when there is none.
 */
export function copyingForCodecs(copy: Copy): Copy {
  return async function (this: Runner, message) {
    return this.codecs.length === 0 ? message : await copy.call(this, message);
  };
}

/**
 * Gives sinks what a workflow left for them once its completion is on its way: metrics, spans and lines, for which
 * nobody waits, while a client may wait for the completion. The calls of one workflow begin in their order.
 */
export function afterCompletions(processCalls: ProcessCalls): ProcessCalls {
  return async function (this: Worker, calls, attributes) {
    // What sinks throw the SDK has logged; what is left is a fault of its logger, and no reason to end the worker.
    if (calls.length > 0)
      setImmediate(() => void processCalls.call(this, calls, attributes).catch(() => undefined));
  };
}

/**
 * From now on the workers of this process do less for each activation and activity: they copy no message for codecs that
 * there are not, gather no fields for lines below the level of `logger`, of which each has several (decision 0074), wait
 * for no payload that is only checked, and for no sink (0076).
 */
export function lightenWorkers(logger: Logger): void {
  const runner = WorkflowCodecRunner.prototype as unknown as Record<
    'decodeActivation' | 'encodeCompletion',
    Copy
  >;
  runner.decodeActivation = copyingForCodecs(runner.decodeActivation);
  runner.encodeCompletion = copyingForCodecs(runner.encodeCompletion);
  const worker = Worker.prototype as unknown as { processSinkCalls: ProcessCalls };
  worker.processSinkCalls = afterCompletions(worker.processSinkCalls);
  checkPayloadsAtOnce();
  const composing = LoggerWithComposedMetadata.prototype;
  for (const level of ['trace', 'debug'] as const) {
    const write = composing[level];
    composing[level] = function (this: LoggerWithComposedMetadata, message: string, meta?: LogMetadata) {
      if (logger.isLevelEnabled(level)) write.call(this, message, meta);
    };
  }
}
