import { proxyLocalActivities, sleep } from '@temporalio/workflow';

export interface SteppingActivities {
  step(text: string): Promise<string>;
}
const { step } = proxyLocalActivities<SteppingActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '10ms' },
});

/** Takes one step after the other, with a moment between them for which it may have to be replayed. */
export async function takesSteps(texts: string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const text of texts) {
    answers.push(await step(text));
    await sleep(10);
  }
  return answers;
}
