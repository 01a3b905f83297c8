import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  makeContinueAsNewFunc,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

export interface EchoActivities {
  echo(text: string): Promise<string>;
}
export const hearSignal = defineSignal<[string]>('hear');
export const sayUpdate = defineUpdate<string, [string]>('say');
export const heardQuery = defineQuery<string[]>('heard');

const { echo } = proxyLocalActivities<EchoActivities>({ startToCloseTimeout: '10s' });

/** Hears a text by each way that a workflow has, goes on in a second run, and fails with all that it has heard. */
export async function hearsEverything(carried: string[] = []): Promise<void> {
  const heard = [...carried];
  setHandler(hearSignal, (text) => void heard.push(`signal ${text}`));
  setHandler(heardQuery, () => heard);
  setHandler(sayUpdate, async (text) => {
    const answer = await echo(text);
    heard.push(`update ${answer}`);
    return `said ${answer}`;
  });
  heard.push(`memo ${String(workflowInfo().memo?.['note'])}`);
  await condition(() => heard.slice(carried.length).some((text) => text.startsWith('update')));
  if (carried.length > 0) throw ApplicationFailure.nonRetryable('over', 'OVER', heard);
  const goOn = makeContinueAsNewFunc<typeof hearsEverything>({ memo: { note: 'changed' } });
  await goOn(heard);
}
