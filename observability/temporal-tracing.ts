import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry-v2';
import { emptyResource } from '@opentelemetry/resources';
import { NoopSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { flowCountsPlugin } from './metrics/flow-counts';
import type { WorkerPlugin } from '@temporalio/worker';
import type { Tracing } from './tracing';

/**
 * Interceptor modules of the workflow bundle. They are part of every bundle, in worker and replay alike and with or
 * without an exporter, because they add steps to each message and activity call: a history written with them must be
 * replayed with them.
 */
export const workflowInterceptorModules: string[] = [require.resolve('./workflow-tracing')];

/**
 * Plugins for `new Client`, `Worker.create` and `bundleWorkflowCode`, the same everywhere: calls carry the trace, and
 * spans of workflows and activities go where this process sends its own.
 */
export function tracingPlugins(
  tracing: Pick<Tracing, 'resource' | 'spanProcessor' | 'tracer'>,
): OpenTelemetryPlugin[] {
  const { resource, spanProcessor, tracer } = tracing;
  return [new OpenTelemetryPlugin({ resource, spanProcessor, tracer })];
}

/**
 * Plugins for replaying: the same interceptors, with sinks that take spans and counts nowhere. A replay of an order that
 * is still open runs its last step as if it were new, and its span must not be sent a second time.
 */
export function replayPlugins(): (OpenTelemetryPlugin | WorkerPlugin)[] {
  const tracing = new OpenTelemetryPlugin({
    resource: emptyResource(),
    spanProcessor: new NoopSpanProcessor(),
  });
  return [tracing, flowCountsPlugin()];
}
