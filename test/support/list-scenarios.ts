import { BRACKET, withList, type ListOptions, type RunningList } from './list-harness';
import type { Harness } from './order-harness';
import type { Script } from './scripted-activities';

/** One path through the list workflow and through those of its orders, played to the end of all of them. */
export interface ListScenario {
  path: string;
  script: Script;
  options: ListOptions;
  /** Names of the paths that the orders take, in the order of the list. */
  orderPaths: readonly string[];
  play: (list: RunningList) => Promise<void>;
}

/** Every path of lists that the replay gate must cover. */
export const LIST_SCENARIOS: readonly ListScenario[] = [
  {
    path: 'bracket-filled',
    script: {},
    options: BRACKET,
    orderPaths: ['bracket-entry', 'bracket-take-profit', 'bracket-stop-loss'],
    play: async (list) => {
      await list.until('the entry at the venue', (orders) => orders[0]?.state === 'routed');
      await list.fill(0, '40', '182', 200);
      await list.until('exits of 40', (orders) =>
        orders.every(({ quantity }, leg) => leg === 0 || quantity === '40'),
      );
      await list.fill(0, '60', '182', 200);
      await list.until('exits of 100', (orders) => orders.every(({ quantity }) => quantity === '100'));
      await list.fill(1, '30', '190', 200);
      await list.until('a stop of 70', (orders) => orders[2]?.quantity === '70');
      await list.fill(1, '70', '190', 200);
      await list.handle.result();
      for (const leg of [0, 1, 2]) await list.orderHandle(leg).result();
    },
  },
];

/** Plays one scenario on a task queue of its own. */
export async function playListScenario(
  harness: Harness,
  scenario: ListScenario,
  after: (list: RunningList) => Promise<void>,
): Promise<void> {
  await withList(harness, scenario.script, scenario.options, async (list) => {
    await scenario.play(list);
    await after(list);
  });
}
