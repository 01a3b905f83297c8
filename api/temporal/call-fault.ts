import {
  isGrpcServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/common';

/** The gRPC status codes that we tell apart, by number as they travel. */
const GRPC = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** grpc-js says this when a call was failed before a byte of it was written. */
const NEVER_SENT_DETAIL = /^No connection established/;

/**
 * Temporal says this of a request whose workflow task it refused, as when a signal came while an order ended. It has kept
 * nothing of it. When it refuses each attempt, the request is repeated until its deadline; what Temporal knows to fail
 * again and again it tells in other words.
 */
const REFUSED_TASK = /unexpected workflow task failure/;

/** What a failed call to Temporal tells, and above all what it does not. */
export type CallFault =
  /** The workflow answered with a refusal; `type` is a code of ours, `order` its current view when it gave one. */
  | { kind: 'refused'; type: string; message: string; details: readonly unknown[] }
  /** The workflow id was used by an execution that has closed. */
  | { kind: 'closed' }
  | { kind: 'notFound' }
  /** Temporal is at a limit and took nothing. */
  | { kind: 'exhausted' }
  /** The call did not leave this process. */
  | { kind: 'neverSent' }
  /** Temporal refused the call itself: configuration or a bug of ours. Nothing was taken. */
  | { kind: 'invalid'; message: string }
  /** May have been taken. Repeating it with the same ids is safe. */
  | { kind: 'unknown'; repeatable: boolean; message: string };

/** Sorts what the client threw. Faults that are no call faults (bugs) come back as `unknown`, the safe side. */
export function callFaultOf(fault: unknown): CallFault {
  if (fault instanceof WorkflowUpdateFailedError) return refusalOf(fault);
  if (fault instanceof WorkflowExecutionAlreadyStartedError) return { kind: 'closed' };
  if (fault instanceof WorkflowNotFoundError) return { kind: 'notFound' };
  if (fault instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return { kind: 'unknown', repeatable: false, message: fault.message };
  }
  const cause = fault instanceof Error && fault.cause !== undefined ? fault.cause : fault;
  if (!isGrpcServiceError(cause)) return { kind: 'unknown', repeatable: false, message: String(fault) };
  const message = cause.details;
  switch (cause.code) {
    case GRPC.unavailable:
      return NEVER_SENT_DETAIL.test(message)
        ? { kind: 'neverSent' }
        : { kind: 'unknown', repeatable: true, message };
    case GRPC.resourceExhausted:
      return { kind: 'exhausted' };
    case GRPC.internal:
    case GRPC.aborted:
      return { kind: 'unknown', repeatable: true, message };
    case GRPC.failedPrecondition:
      // Of a request that was sent with the start of its workflow, the details are of both and tell nothing.
      return { kind: 'unknown', repeatable: REFUSED_TASK.test(cause.message), message };
    case GRPC.invalidArgument:
    case GRPC.permissionDenied:
    case GRPC.unauthenticated:
      return { kind: 'invalid', message };
    default:
      return { kind: 'unknown', repeatable: false, message };
  }
}

function refusalOf(fault: WorkflowUpdateFailedError): CallFault {
  const { cause } = fault;
  if (!(cause instanceof ApplicationFailure)) {
    return { kind: 'unknown', repeatable: false, message: cause?.message ?? fault.message };
  }
  return { kind: 'refused', type: cause.type ?? '', message: cause.message, details: cause.details ?? [] };
}

/** True when the fault claims that Temporal took nothing. */
export function takesNothing({ kind }: CallFault): boolean {
  return kind === 'neverSent' || kind === 'exhausted' || kind === 'invalid';
}

const REPEAT_PAUSE_MS = 100;
/** Once Temporal cannot be reached at all, a call is given up after this time: the caller may try elsewhere. */
const NEVER_SENT_MS_MAX = 1_500;

export type CallResult<T> = { ok: true; value: T } | { ok: false; fault: CallFault };

/**
 * Runs `attempt` until it gives an answer, a fault that repeating cannot cure, or the deadline. The fault that comes
 * back speaks for all attempts: `neverSent` and `exhausted` only when none of them may have been taken.
 */
export async function callUntil<T>(deadlineMs: number, attempt: () => Promise<T>): Promise<CallResult<T>> {
  const begunMs = Date.now();
  let uncertain: CallFault | undefined;
  for (;;) {
    const fault = await attempt().then(
      (value) => ({ ok: true as const, value }),
      (thrown: unknown) => ({ ok: false as const, fault: callFaultOf(thrown) }),
    );
    if (fault.ok) return fault;
    const found = fault.fault;
    const repeatable = found.kind === 'neverSent' || (found.kind === 'unknown' && found.repeatable);
    if (found.kind === 'unknown') uncertain = found;
    const nowMs = Date.now();
    const isOut =
      found.kind === 'neverSent' && uncertain === undefined && nowMs - begunMs > NEVER_SENT_MS_MAX;
    if (!repeatable || isOut || nowMs + REPEAT_PAUSE_MS >= deadlineMs) {
      return { ok: false, fault: takesNothing(found) ? (uncertain ?? found) : found };
    }
    await new Promise((wake) => setTimeout(wake, REPEAT_PAUSE_MS));
  }
}
