import { condition, defineSignal, proxySinks, setHandler, type Sinks } from '@temporalio/workflow';

export interface NoteSinks extends Sinks {
  notes: { take(text: string): void };
}
export const noteSignal = defineSignal<[string]>('note');

/** Leaves two notes in its first activation and one for each signal; ends at the signal that says so. */
export async function leavesNotes(): Promise<string> {
  const { notes } = proxySinks<NoteSinks>();
  let isOver = false;
  setHandler(noteSignal, (text) => {
    notes.take(text);
    isOver = text === 'end';
  });
  notes.take('first');
  notes.take('second');
  await condition(() => isOver);
  return 'over';
}

/** Leaves a note and fails its task. */
export async function failsItsTask(): Promise<void> {
  proxySinks<NoteSinks>().notes.take('before the fault');
  throw new Error('not a failure of the workflow');
}
