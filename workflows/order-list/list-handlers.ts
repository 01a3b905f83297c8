import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import { ERROR_CODES } from '../../domain/errors/error-codes';
import { isListDone } from '../../domain/order-list/leg-facts';
import {
  cancelListUpdate,
  legNoteSignal,
  listAnswerQuery,
  listQuery,
  submitListUpdate,
  type CancelListInput,
  type SubmitListInput,
} from './list-messages';
import type { ListLife } from './list-life';

function refused(type: 'LIST_ID_CONFLICT' | 'ORDER_CLOSED', life: ListLife): ApplicationFailure {
  const message = type === 'ORDER_CLOSED' ? 'No order of the list is open.' : ERROR_CODES[type];
  return ApplicationFailure.create({
    message,
    type,
    nonRetryable: true,
    category: 'BENIGN',
    details: [life.view()],
  });
}

/** Registers every handler. Handlers only record and enqueue; the main loop acts. */
export function listenForList(life: ListLife): void {
  setHandler(listQuery, () => life.view());
  setHandler(listAnswerQuery, () => life.answer ?? null);
  setHandler(legNoteSignal, (note) => {
    life.inbox.push({ type: 'noted', note, at: new Date().toISOString() });
  });
  setHandler(
    submitListUpdate,
    async ({ requestId }: SubmitListInput) => {
      if (life.createdBy === '') life.createdBy = requestId;
      await condition(() => life.answer !== undefined);
      if (life.answer === undefined) throw new Error('the condition waited for the answer');
      return life.answer;
    },
    {
      validator: ({ requestHash }: SubmitListInput) => {
        if (requestHash !== life.input.requestHash) throw refused('LIST_ID_CONFLICT', life);
      },
    },
  );
  setHandler(
    cancelListUpdate,
    async ({ by, reason }: CancelListInput) => {
      life.inbox.push({ type: 'cancelAsked', by, ...(reason !== undefined && { reason }) });
      await condition(() => life.list.cancel !== undefined);
      return life.view();
    },
    {
      validator: (_cancel: CancelListInput) => {
        if (isListDone(life.list)) throw refused('ORDER_CLOSED', life);
      },
    },
  );
}
