import { temporal } from '@temporalio/proto';
import { defaultPayloadConverter } from '@temporalio/common';

type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads;

const { WorkflowTaskFailedCause: Cause, TimeoutType } = temporal.api.enums.v1;
/** A task is given back like this when a message comes while it runs, or when somebody resets the workflow. */
const ORDINARY_CAUSES: ReadonlySet<unknown> = new Set([
  Cause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
  Cause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
  Cause.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
  Cause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
]);
const LOCAL_ACTIVITY = 'core_local_activity';

/** What the history of one order says about the build that ran it. Durations are in seconds. */
export interface OrderEvidence {
  /** From the start to the answer of its first update; undefined when it was not answered, or started without one. */
  acknowledgement: number | undefined;
  /** From the end of validation to the decision of risk; undefined when risk was not asked. */
  risk: number | undefined;
  /** True when a workflow task failed, or took longer than it may. */
  taskFailed: boolean;
}

/**
 * Reads the evidence. Start and answer are stamped by the server and the end of each local activity by the clock of
 * one task, so that clocks of different machines are never compared.
 */
export function orderEvidence(history: History): OrderEvidence {
  const events = history.events ?? [];
  const answered = events.find((event) => event.workflowExecutionUpdateCompletedEventAttributes);
  const validatedAt = localActivityEnd(events, 'validateOrder');
  const decidedAt = localActivityEnd(events, 'reserveExposure');
  return {
    acknowledgement: secondsBetween(timeOf(events[0]?.eventTime), timeOf(answered?.eventTime)),
    risk: secondsBetween(validatedAt, decidedAt),
    taskFailed: events.some(isTaskFailure),
  };
}

function isTaskFailure(event: HistoryEvent): boolean {
  const failed = event.workflowTaskFailedEventAttributes;
  if (failed !== undefined && failed !== null) return !ORDINARY_CAUSES.has(failed.cause);
  // On a sticky queue a task times out before it starts whenever a worker is replaced.
  return event.workflowTaskTimedOutEventAttributes?.timeoutType === TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE;
}

interface LocalActivityData {
  activity_type?: string;
  complete_time?: { seconds: number; nanos: number };
}

/** When the first local activity of this type ended, in seconds of the task's own clock. */
function localActivityEnd(events: readonly HistoryEvent[], type: string): number | undefined {
  for (const { markerRecordedEventAttributes: marker } of events) {
    if (marker?.markerName !== LOCAL_ACTIVITY) continue;
    const data = decoded(marker.details?.['data']);
    if (data?.activity_type !== type || data.complete_time === undefined) continue;
    return data.complete_time.seconds + data.complete_time.nanos / 1e9;
  }
  return undefined;
}

function decoded(payloads: Payloads | undefined): LocalActivityData | undefined {
  const payload = payloads?.payloads?.[0];
  return payload === undefined ? undefined : defaultPayloadConverter.fromPayload<LocalActivityData>(payload);
}

function timeOf(time: HistoryEvent['eventTime']): number | undefined {
  if (time === undefined || time === null) return undefined;
  return Number(time.seconds ?? 0) + (time.nanos ?? 0) / 1e9;
}

function secondsBetween(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from);
}
