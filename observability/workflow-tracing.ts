import {
  ApplicationFailure,
  ContinueAsNew,
  defaultPayloadConverter,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailureCategory, type Headers } from '@temporalio/common';
import type {
  ActivityInput,
  ConcludeActivationInput,
  ConcludeActivationOutput,
  ContinueAsNewInput,
  GetLogAttributesInput,
  LocalActivityInput,
  Next,
  SignalInput,
  SignalWorkflowInput,
  StartChildWorkflowExecutionInput,
  UpdateInput,
  WorkflowExecuteInput,
  WorkflowInboundCallsInterceptor,
  WorkflowInterceptors,
  WorkflowInternalsInterceptor,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { formatTraceparent, parseTraceparent, type SpanIdentity } from './traceparent';
import { WorkflowSpans, type OpenSpan, type SpanEnd } from './workflow-spans';

/**
 * Part of the workflow bundle: the side of tracing that runs inside workflows. It speaks as Temporal's OpenTelemetry
 * package does (its header, its names of spans, its sink), which the client and the activities still use. Inside a
 * workflow that package evaluates the OpenTelemetry SDK anew for each order and follows promises for its context,
 * which was a third of the processor time of the order worker. Here whatever the workflow sends belongs to the span
 * of its run, because handlers only take notes and one main loop acts.
 */
const HEADER = '_tracer-data';
type In = WorkflowInboundCallsInterceptor;
type Out = WorkflowOutboundCallsInterceptor;

class RunTrace {
  readonly spans = new WorkflowSpans();
  /** The span of this run; undefined before it began. */
  run: OpenSpan | undefined;

  /** Runs `call` in a span below `parent`, which by default is the run's. */
  async within<T>(
    name: string,
    call: (span: OpenSpan) => Promise<T>,
    parent = this.run?.context,
    attributes?: Record<string, string>,
  ): Promise<T> {
    const span = this.spans.begin(name, parent, attributes);
    try {
      const result = await call(span);
      span.end({ ok: true });
      return result;
    } catch (fault) {
      span.end(endOf(fault));
      throw fault;
    }
  }

  /** Runs `send` in a span of its own; what is sent names that span as its parent. */
  sending<I extends { headers: Headers }, T>(
    name: string,
    input: I,
    send: (input: I) => Promise<T>,
  ): Promise<T> {
    return this.within(name, ({ context }) => send({ ...input, headers: withTrace(input.headers, context) }));
  }
}

function endOf(fault: unknown): SpanEnd {
  if (fault instanceof ContinueAsNew) return { ok: true };
  const isBenign =
    fault instanceof ApplicationFailure && fault.category === ApplicationFailureCategory.BENIGN;
  return { ok: false, fault, isBenign };
}

function traceOf(headers: Headers): SpanIdentity | undefined {
  const payload = headers[HEADER];
  if (payload === undefined) return undefined;
  return parseTraceparent(defaultPayloadConverter.fromPayload<{ traceparent?: string }>(payload).traceparent);
}

function withTrace(headers: Headers, context: SpanIdentity): Headers {
  const carried = { traceparent: formatTraceparent(context) };
  return { ...headers, [HEADER]: defaultPayloadConverter.toPayload(carried) };
}

class Inbound implements In {
  private readonly trace: RunTrace;

  constructor(trace: RunTrace) {
    this.trace = trace;
  }

  execute(input: WorkflowExecuteInput, next: Next<In, 'execute'>): Promise<unknown> {
    const begun = (span: OpenSpan): Promise<unknown> => {
      this.trace.run = span;
      return next(input);
    };
    return this.trace.within(`RunWorkflow:${workflowInfo().workflowType}`, begun, traceOf(input.headers));
  }

  handleSignal(input: SignalInput, next: Next<In, 'handleSignal'>): Promise<void> {
    return this.trace.within(`HandleSignal:${input.signalName}`, () => next(input), traceOf(input.headers));
  }

  handleUpdate(input: UpdateInput, next: Next<In, 'handleUpdate'>): Promise<unknown> {
    const attributes = { temporalUpdateId: input.updateId };
    const parent = traceOf(input.headers);
    return this.trace.within(`HandleUpdate:${input.name}`, () => next(input), parent, attributes);
  }
}

class Outbound implements Out {
  private readonly trace: RunTrace;

  constructor(trace: RunTrace) {
    this.trace = trace;
  }

  scheduleActivity(input: ActivityInput, next: Next<Out, 'scheduleActivity'>): Promise<unknown> {
    return this.trace.sending(`StartActivity:${input.activityType}`, input, next);
  }

  scheduleLocalActivity(
    input: LocalActivityInput,
    next: Next<Out, 'scheduleLocalActivity'>,
  ): Promise<unknown> {
    return this.trace.sending(`StartActivity:${input.activityType}`, input, next);
  }

  startChildWorkflowExecution(
    input: StartChildWorkflowExecutionInput,
    next: Next<Out, 'startChildWorkflowExecution'>,
  ): Promise<[Promise<string>, Promise<unknown>]> {
    return this.trace.sending(`StartChildWorkflow:${input.workflowType}`, input, next);
  }

  signalWorkflow(input: SignalWorkflowInput, next: Next<Out, 'signalWorkflow'>): Promise<void> {
    return this.trace.sending(`SignalWorkflow:${input.signalName}`, input, next);
  }

  continueAsNew(input: ContinueAsNewInput, next: Next<Out, 'continueAsNew'>): Promise<never> {
    return this.trace.sending(`ContinueAsNew:${input.options.workflowType}`, input, next);
  }

  getLogAttributes(
    input: GetLogAttributesInput,
    next: Next<Out, 'getLogAttributes'>,
  ): Record<string, unknown> {
    const context = this.trace.run?.context;
    if (context === undefined) return next(input);
    const { traceId, spanId, traceFlags } = context;
    return next({ trace_id: traceId, span_id: spanId, trace_flags: `0${traceFlags.toString(16)}`, ...input });
  }
}

class Internals implements WorkflowInternalsInterceptor {
  private readonly trace: RunTrace;

  constructor(trace: RunTrace) {
    this.trace = trace;
  }

  concludeActivation(
    input: ConcludeActivationInput,
    next: Next<WorkflowInternalsInterceptor, 'concludeActivation'>,
  ): ConcludeActivationOutput {
    this.trace.spans.flush();
    return next(input);
  }
}

export const interceptors = (): WorkflowInterceptors => {
  const trace = new RunTrace();
  return {
    inbound: [new Inbound(trace)],
    outbound: [new Outbound(trace)],
    internals: [new Internals(trace)],
  };
};
