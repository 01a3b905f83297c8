import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import { ERROR_CODES, type ErrorCode } from '../../domain/errors/error-codes';
import { isEnded } from '../../domain/order/order-status';
import {
  amendSignal,
  cancelSignal,
  executionReportSignal,
  legActSignal,
  orderEventsQuery,
  orderQuery,
  pageOf,
  releaseSignal,
  requestAmendUpdate,
  requestCancelUpdate,
  resolveUpdate,
  submitUpdate,
  triggerSignal,
  type AmendRequest,
  type CancelRequest,
  type RequestResult,
  type ResolveRequest,
  type SubmitInput,
} from './order-messages';
import { duplicateFailure } from './entry';
import { amendCommand, cancelCommand, malformedRefusal } from './requests';
import type { OrderView } from '../../domain/order/order-view';
import type { Refusal } from '../../domain/order/order-commands';
import type { InboxItem, OrderLife, Reply } from './order-life';

/** A refusal as the typed failure that callers switch on; the current order is its detail. */
function refused(refusal: Refusal, order: OrderView): ApplicationFailure {
  return ApplicationFailure.create({
    message: refusal.message,
    type: refusal.code,
    nonRetryable: true,
    category: 'BENIGN',
    details: [order],
  });
}

/**
 * Signals come from people too: whatever they leave out gets a value that is a function of the order. It counts signals,
 * because how far the order is when one comes may be another thing in a replay.
 */
function complete<T extends { requestId?: string; by: string }>(
  life: OrderLife,
  given: T | undefined,
): T & { requestId: string } {
  const requestId = given?.requestId ?? life.nameSignal();
  return { ...given, requestId, by: given?.by ?? 'temporal-signal' } as T & { requestId: string };
}

/**
 * Fails the workflow task, visibly, when a signal meets a run that has ended in a replay and did not end when it ran: the
 * signal would be lost. Resetting the workflow to an earlier task gives it to the order (decision 0047).
 */
function refuseAfterEnd(life: OrderLife): void {
  if (life.hasLeft)
    throw new Error('a signal met a run that had ended already; reset it to its last task but one');
}

/**
 * Registers every handler. Handlers only record and enqueue; the main loop acts. Validators are synchronous and
 * pure: they ask the domain what it would say.
 */
export function listen(life: OrderLife): void {
  setHandler(orderQuery, () => life.view());
  setHandler(orderEventsQuery, (page) => pageOf(life.emitted, page));
  listenForSubmit(life);
  setHandler(executionReportSignal, (given) => {
    refuseAfterEnd(life);
    life.inbox.push({ kind: 'reports', reports: Array.isArray(given) ? given : [given] });
  });
  setHandler(cancelSignal, (request) => {
    if (!isEnded(life.state)) refuseAfterEnd(life);
    life.inbox.push({ kind: 'cancel', request: complete(life, request) });
  });
  setHandler(amendSignal, (request) => {
    if (!isEnded(life.state)) refuseAfterEnd(life);
    life.inbox.push({ kind: 'amend', request: complete(life, request) });
  });
  setHandler(triggerSignal, ({ version, sighting }) => {
    if (!isEnded(life.state)) refuseAfterEnd(life);
    life.inbox.push({ kind: 'trigger', version, sighting });
  });
  setHandler(releaseSignal, (release) => {
    if (!isEnded(life.state)) refuseAfterEnd(life);
    life.inbox.push({ kind: 'release', request: complete(life, release) });
  });
  setHandler(legActSignal, (message) => {
    if (!isEnded(life.state)) refuseAfterEnd(life);
    life.inbox.push({ kind: 'legAct', message });
  });
  setHandler(
    requestCancelUpdate,
    (request: CancelRequest) => answered(life, (reply) => ({ kind: 'cancel', request, reply })),
    {
      validator: (request: CancelRequest) => {
        refuse(life, life.wouldRefuseAfterReports(cancelCommand(request)));
      },
    },
  );
  setHandler(
    requestAmendUpdate,
    (request: AmendRequest) => answered(life, (reply) => ({ kind: 'amend', request, reply })),
    {
      validator: (request: AmendRequest) => {
        const command = amendCommand(request);
        refuse(
          life,
          'malformed' in command
            ? malformedRefusal(command.malformed)
            : life.wouldRefuseAfterReports(command),
        );
      },
    },
  );
  setHandler(
    resolveUpdate,
    (request: ResolveRequest) => answered(life, (reply) => ({ kind: 'resolve', request, reply })),
    {
      validator: (_request: ResolveRequest) => {
        if (life.state.state === 'unknown') return;
        const code: ErrorCode = 'OUTCOME_NOT_UNKNOWN';
        refuse(life, { code, message: ERROR_CODES[code], duplicate: false });
      },
    },
  );
}

function listenForSubmit(life: OrderLife): void {
  setHandler(
    submitUpdate,
    async (submit: SubmitInput) => {
      if (life.createdBy === '') life.createdBy = submit.requestId;
      await condition(() => life.answer !== undefined || life.duplicate !== undefined);
      if (life.answer === undefined) throw duplicateFailure(life.duplicate?.sameContent ?? false);
      return life.answer;
    },
    {
      validator: (submit: SubmitInput) => {
        if (submit.requestHash === life.input.requestHash) return;
        const code: ErrorCode = 'CLIENT_ORDER_ID_CONFLICT';
        throw refused({ code, message: ERROR_CODES[code], duplicate: false }, life.view());
      },
    },
  );
}

/** A repeat of a request that was taken passes: the main loop answers it as the first time. */
function refuse(life: OrderLife, refusal: Refusal | undefined): void {
  if (refusal !== undefined && !refusal.duplicate) throw refused(refusal, life.view());
}

async function answered(life: OrderLife, item: (reply: Reply) => InboxItem): Promise<RequestResult> {
  const reply: Reply = {};
  life.inbox.push(item(reply));
  await condition(() => reply.answer !== undefined);
  const { answer } = reply;
  if (answer === undefined) throw new Error('the condition waited for the answer');
  if ('failure' in answer) throw refused(answer.failure, life.view());
  return answer.result;
}
