import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import type { coresdk } from '@temporalio/proto';
import { inTrace } from '../observability/trace-context';
import { LruMap } from '../storage/lru-map';

export type Completion = coresdk.workflow_completion.IWorkflowActivationCompletion;
type LocalActivity = coresdk.workflow_commands.IScheduleLocalActivity;

/** Header of Temporal's OpenTelemetry package, in which the workflow names the span that a step is part of. */
const TRACE_HEADER = '_tracer-data';
/** Of those that are never joined, because their workflow left this worker in between. */
const BEGUN_MAX = 1_000;

/**
 * Begins a local activity when its workflow asks for it. The SDK hands the request to its core, which hands it back as a
 * task, and only then the activity begins; what takes place meanwhile is a millisecond of an order's acknowledgement. So
 * the step begins with the request, and the first attempt of the task takes its result. A step may thus have run although
 * no attempt of it was ever seen, as after a worker that died in one: steps are idempotent (decision 0075).
 */
export class EarlySteps {
  private readonly steps = new Map<string, (input: never) => Promise<unknown>>();
  private readonly begun = new LruMap<Promise<unknown>>(BEGUN_MAX);

  /** `step` as an activity of this name, which takes part in what was begun early. Call it once for a name. */
  activity<Input, Output>(name: string, step: (input: Input) => Promise<Output>): typeof step {
    this.steps.set(name, step);
    return async (input) => {
      const { workflowExecution, activityId, attempt } = Context.current().info;
      const early = attempt === 1 ? this.take(keyOf(workflowExecution?.runId ?? '', activityId)) : undefined;
      return await ((early as Promise<Output> | undefined) ?? step(input));
    };
  }

  /**
   * Begins what the activation of this run has asked for. Call it for no replay. When something began, the answer resolves
   * once that has gone as far as it can without waiting for anybody, as when its first question to MongoDB is sent: what the
   * worker does with the request would delay that, and nothing waits for it as long.
   */
  begin(runId: string, { successful }: Completion): Promise<void> | undefined {
    let hasBegun = false;
    for (const { scheduleLocalActivity: asked } of successful?.commands ?? []) {
      const step = this.steps.get(asked?.activityType ?? '');
      // A later attempt is not joined, and so not begun.
      if (asked === undefined || asked === null || step === undefined || (asked.attempt ?? 1) > 1) continue;
      const early = runStep(asked, step);
      // Who joins is told of a fault.
      early.catch(() => undefined);
      this.begun.set(keyOf(runId, asked.activityId ?? ''), early);
      hasBegun = true;
    }
    return hasBegun ? turnOfTheLoop() : undefined;
  }

  private take(key: string): Promise<unknown> | undefined {
    const early = this.begun.get(key);
    this.begun.delete(key);
    return early;
  }
}

async function runStep(asked: LocalActivity, step: (input: never) => Promise<unknown>): Promise<unknown> {
  const [payload] = asked.arguments ?? [];
  const header = asked.headers?.[TRACE_HEADER];
  const traced = header && defaultPayloadConverter.fromPayload<{ traceparent?: string }>(header);
  const input: unknown = payload && defaultPayloadConverter.fromPayload(payload);
  return await inTrace(traced?.traceparent, () => step(input as never));
}

function keyOf(runId: string, activityId: string): string {
  return `${runId} ${activityId}`;
}
