import { context, diag, DiagLogLevel, propagation, trace, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  NoopSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Config } from '../config/config';
import type { Logger } from './logger';

/** Longest that {@link Tracing.stop} waits for the collector. */
const FLUSH_TIMEOUT_MS = 3000;
const EXPORT_TIMEOUT_MS = 5000;
const QUEUED_SPANS_MAX = 4096;
const SPANS_PER_EXPORT_MAX = 512;

export interface Tracing {
  /** True when spans are recorded; ids and their propagation work in either case. */
  readonly recording: boolean;
  readonly resource: Resource;
  /** Takes finished spans, those of the workflow sandbox included. */
  readonly spanProcessor: SpanProcessor;
  readonly tracer: Tracer;
  /** Sends what is queued, waiting a few seconds at most; the process may exit afterwards. Never throws. */
  stop(): Promise<void>;
}

export interface StartTracingOptions {
  component: string;
  config: Config;
  /** Told when spans cannot be sent. */
  logger?: Logger;
  /** Takes the place of the OTLP exporter, in tests. */
  spanProcessor?: SpanProcessor;
}

/**
 * Starts tracing in this process: context follows promises, W3C headers carry it on. Spans are recorded and sent by
 * OTLP over HTTP when `OTEL_EXPORTER_OTLP_ENDPOINT` is set. Without it nothing is recorded, which costs next to
 * nothing, but every unit of work still has a trace id, so that log lines of one order join across processes.
 */
export function startTracing(options: StartTracingOptions): Tracing {
  const { component, config, logger } = options;
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const exporting = endpoint === undefined ? undefined : otlpProcessor(endpoint);
  const spanProcessor = options.spanProcessor ?? exporting ?? new NoopSpanProcessor();
  const recording = options.spanProcessor !== undefined || exporting !== undefined;
  const resource = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: `steadfill-${component}`,
    [ATTR_SERVICE_VERSION]: config.STEADFILL_BUILD_ID,
  });
  const sampler = recording
    ? new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.STEADFILL_TRACE_RATIO) })
    : new AlwaysOffSampler();
  const provider = new NodeTracerProvider({ resource, sampler, spanProcessors: [spanProcessor] });
  provider.register();
  if (logger !== undefined) reportFaults(logger);
  return {
    recording,
    resource,
    spanProcessor,
    tracer: provider.getTracer('steadfill'),
    stop: () => stopTracing(provider, logger),
  };
}

function otlpProcessor(endpoint: string): SpanProcessor {
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  return new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }), {
    maxQueueSize: QUEUED_SPANS_MAX,
    maxExportBatchSize: SPANS_PER_EXPORT_MAX,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
}

function reportFaults(logger: Logger): void {
  const at =
    (level: string) =>
    (message: string, ...details: unknown[]) =>
      void logger.log(level, `tracing: ${message}`, details.length === 0 ? {} : { details });
  const faults = {
    error: at('warn'),
    warn: at('warn'),
    info: at('debug'),
    debug: at('trace'),
    verbose: at('trace'),
  };
  diag.setLogger(faults, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

async function stopTracing(provider: NodeTracerProvider, logger?: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((expire) => {
    timer = setTimeout(expire, FLUSH_TIMEOUT_MS);
  });
  const flushed = provider.shutdown().catch((fault: unknown) => {
    logger?.warn('The last spans could not be sent', { fault });
  });
  await Promise.race([flushed, bound]);
  clearTimeout(timer);
  trace.disable();
  context.disable();
  propagation.disable();
}
