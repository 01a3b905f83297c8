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
  /** From the start of the order's task to the decision of risk, validation included; undefined when risk was not asked. */
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
  return {
    acknowledgement: secondsBetween(timeOf(events[0]?.eventTime), timeOf(answered?.eventTime)),
    risk: decisionSeconds(events),
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

/** Orders ask risk in a step of its own, or together with validation; the latter may end before risk is asked. */
const DECIDES: Readonly<Record<string, (result: { outcome?: string } | undefined) => boolean>> = {
  reserveExposure: () => true,
  admitOrder: (result) => result?.outcome === 'valid',
};

/** From the start of the task that asked risk to its decision. The marker's time goes on from that of the task. */
function decisionSeconds(events: readonly HistoryEvent[]): number | undefined {
  let startedAt: number | undefined;
  for (const event of events) {
    if (event.workflowTaskStartedEventAttributes) startedAt = timeOf(event.eventTime);
    const marker = event.markerRecordedEventAttributes;
    if (marker?.markerName !== LOCAL_ACTIVITY) continue;
    const data = decoded<LocalActivityData>(marker.details?.['data']);
    const decides = DECIDES[data?.activity_type ?? ''];
    if (decides === undefined || data?.complete_time === undefined) continue;
    if (!decides(decoded(marker.details?.['result']))) return undefined;
    const { seconds, nanos } = data.complete_time;
    return secondsBetween(startedAt, seconds + nanos / 1e9);
  }
  return undefined;
}

function decoded<T>(payloads: Payloads | undefined): T | undefined {
  const payload = payloads?.payloads?.[0];
  return payload === undefined ? undefined : defaultPayloadConverter.fromPayload<T>(payload);
}

function timeOf(time: HistoryEvent['eventTime']): number | undefined {
  if (time === undefined || time === null) return undefined;
  return Number(time.seconds ?? 0) + (time.nanos ?? 0) / 1e9;
}

function secondsBetween(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from);
}
