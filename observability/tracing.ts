import { join } from 'node:path';
import { context, diag, DiagLogLevel, propagation, trace, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  NoopSpanProcessor,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Config } from '../config/config';
import { AFTERWARDS_MS } from './afterwards';
import type { Logger } from './logger';
import { RepeatedSpans } from './repeated-spans';
import { sampleBounded, sampleShare } from './sampling';
import { SpanFiles } from './span-files';
import { safeSpan } from './span-record';
import { traceparentPropagator } from './trace-context';

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

/** The settings that tracing depends on. */
export type TracingConfig = Pick<
  Config,
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'STEADFILL_BUILD_ID'
  | 'STEADFILL_TRACE_RATIO'
  | 'STEADFILL_TRACES_PER_SECOND_MAX'
>;

export interface StartTracingOptions {
  component: string;
  config: TracingConfig;
  /** Told when spans cannot be sent. */
  logger?: Logger;
  /** Where finished spans are kept for the timeline of an order; left out, this process keeps none. */
  traceFolder?: string;
  /** Takes the place of exporter and files, in tests. */
  spanProcessor?: SpanProcessor;
}

/** Where all processes of an installation keep their spans. */
export function traceFolderOf({ STEADFILL_HOME: home }: Pick<Config, 'STEADFILL_HOME'>): string {
  return join(home, 'traces');
}

/**
 * Starts tracing in this process: context follows promises, W3C headers carry it on. Spans go to the collector when
 * `OTEL_EXPORTER_OTLP_ENDPOINT` is set, and into bounded files of `traceFolder` in either case. Without both nothing
 * is recorded, but every unit of work still has a trace id, so that log lines of one order join across processes.
 */
export function startTracing(options: StartTracingOptions): Tracing {
  const { component, config, logger } = options;
  const sinks = sinksOf(options);
  const recording = sinks.length > 0;
  const spanProcessor = recording ? new Fanout(sinks) : new NoopSpanProcessor();
  const resource = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: `steadfill-${component}`,
    [ATTR_SERVICE_VERSION]: config.STEADFILL_BUILD_ID,
  });
  const sampler = recording ? samplerOf(options) : new AlwaysOffSampler();
  const provider = new NodeTracerProvider({ resource, sampler, spanProcessors: [spanProcessor] });
  provider.register({ propagator: traceparentPropagator });
  if (logger !== undefined) reportFaults(logger);
  return {
    recording,
    resource,
    spanProcessor,
    tracer: provider.getTracer('steadfill'),
    stop: () => stopTracing(provider, logger),
  };
}

function sinksOf({
  component,
  config,
  logger,
  traceFolder,
  spanProcessor,
}: StartTracingOptions): SpanProcessor[] {
  if (spanProcessor !== undefined) return [spanProcessor];
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const sinks: SpanProcessor[] = endpoint === undefined ? [] : [otlpProcessor(endpoint)];
  if (traceFolder !== undefined && config.STEADFILL_TRACES_PER_SECOND_MAX > 0) {
    sinks.push(new SpanFiles({ folder: traceFolder, component, ...(logger !== undefined && { logger }) }));
  }
  return sinks;
}

function samplerOf({ config, spanProcessor }: StartTracingOptions): Sampler {
  const isOurChoice = config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined && spanProcessor === undefined;
  return isOurChoice
    ? sampleBounded(config.STEADFILL_TRACES_PER_SECOND_MAX)
    : sampleShare(config.STEADFILL_TRACE_RATIO);
}

/**
 * Hands each finished span to every sink, once and without what must not leave the process. It does so a moment later: spans
 * end in the middle of work that somebody waits for.
 */
class Fanout implements SpanProcessor {
  private readonly sinks: readonly SpanProcessor[];
  private readonly repeated = new RepeatedSpans();
  private finished: ReadableSpan[] = [];

  constructor(sinks: readonly SpanProcessor[]) {
    this.sinks = sinks;
  }

  onStart(): void {
    // Only finished spans are of interest.
  }

  onEnd(span: ReadableSpan): void {
    if (this.finished.length === 0) setTimeout(() => this.handOver(), AFTERWARDS_MS);
    this.finished.push(span);
  }

  async forceFlush(): Promise<void> {
    this.handOver();
    await Promise.all(this.sinks.map((sink) => sink.forceFlush()));
  }

  async shutdown(): Promise<void> {
    this.handOver();
    await Promise.all(this.sinks.map((sink) => sink.shutdown()));
  }

  private handOver(): void {
    const spans = this.finished;
    this.finished = [];
    for (const span of spans) {
      if (this.repeated.isRepeat(span)) continue;
      const safe = safeSpan(span);
      for (const sink of this.sinks) sink.onEnd(safe);
    }
  }
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
