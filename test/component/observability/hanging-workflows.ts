import { condition, defineSignal, setHandler } from '@temporalio/workflow';

export const hangSignal = defineSignal('hang');

/** Never comes back from its first step. */
export async function hangsAtOnce(): Promise<void> {
  for (;;);
}

/** Never comes back from the condition that it waits for, which is looked at again after a signal. */
export async function hangsOnSignal(): Promise<void> {
  let isTold = false;
  setHandler(hangSignal, () => {
    isTold = true;
  });
  await condition(() => {
    while (isTold);
    return false;
  });
}

/** Waits for a signal, and ends. */
export async function comesBack(): Promise<string> {
  let isTold = false;
  setHandler(hangSignal, () => {
    isTold = true;
  });
  await condition(() => isTold);
  return 'back';
}
