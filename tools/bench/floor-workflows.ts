import { condition, defineUpdate, setHandler } from '@temporalio/workflow';

export const answerUpdate = defineUpdate<string>('answer');

/** The least that a workflow can do: the floor under orders a second. */
export async function empty(): Promise<string> {
  return 'done';
}

/** The least that an acknowledged order can do: the floor under the acknowledgement. */
export async function answering(): Promise<void> {
  let answered = false;
  setHandler(answerUpdate, () => {
    answered = true;
    return 'ok';
  });
  await condition(() => answered);
}
