import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { isToRetry, nextActions } from '../../domain/order-list/decide-list';
import { isListDone } from '../../domain/order-list/leg-facts';
import { ListFlow } from '../reporting/list-flow';
import { listenForList } from './list-handlers';
import { ListLife } from './list-life';
import { ListRecorder } from './list-recorder';
import { Legs } from './legs';
import type { ListAction } from '../../domain/order-list/list-types';
import type { ListView } from '../../domain/order-list/list-view';
import { NEW_LIST, type ListWorkflowInput } from './list-messages';

/** As for orders: well under what is quick to replay. */
const HISTORY_EVENTS_MAX = 2_000;
/** After this time an act is asked again that was refused for a reason that passes. */
const RETRY_MS = 5_000;

/** So often a run that continues another looks whether its orders are there; a look costs each of them an event or four. */
const FOLLOW_EVERY_MS = 6 * 3_600_000;

/**
 * The durable life of a list of orders: it begins its orders, hears from them, and tells them what its contingency asks
 * for, until none of them can trade. Returns the final view. Cancelling the workflow cancels the list.
 */
export async function orderList(input: ListWorkflowInput): Promise<ListView> {
  const life = new ListLife(input, workflowInfo().workflowId);
  listenForList(life);
  CancellationScope.current().cancelRequested.catch(() => {
    life.inbox.push({ type: 'cancelAsked', by: 'temporal', reason: 'the workflow was asked to cancel' });
  });
  const recorder = new ListRecorder(life, workflowInfo().startTime.toISOString());
  return await CancellationScope.nonCancellable(() =>
    conduct(life, new Legs(life), recorder, new ListFlow()),
  );
}

async function conduct(
  life: ListLife,
  legs: Legs,
  recorder: ListRecorder,
  flow: ListFlow,
): Promise<ListView> {
  for (;;) {
    takeInbox(life, flow);
    act(life, legs);
    recorder.act(new Date().toISOString());
    setCurrentDetails(detailsOf(life));
    const isFree = (): boolean => !legs.isBusy() && !recorder.isBusy() && allHandlersFinished();
    const isAtRest = life.inbox.length === 0 && isFree();
    if (isListDone(life.list) && isAtRest) return life.view();
    if (mayContinueAsNew(life) && isAtRest) {
      const answer = life.answer === undefined ? {} : { answer: life.answer };
      const carried = { list: life.list, ...answer, record: recorder.carry() };
      const { followEveryMs = FOLLOW_EVERY_MS } = life.input;
      await continueAsNew<typeof orderList>({ ...life.input, ...NEW_LIST, followEveryMs, carried });
    }
    const hasNews = (): boolean =>
      life.inbox.length > 0 ||
      recorder.isDue() ||
      (isFree() && (isListDone(life.list) || mayContinueAsNew(life)));
    await untilNews(life, legs, hasNews);
  }
}

/** Waits for news, and for the time at which something is to be asked again or looked after. */
async function untilNews(life: ListLife, legs: Legs, hasNews: () => boolean): Promise<void> {
  const { followEveryMs } = life.input;
  if (isToRetry(life.list)) {
    if (!(await condition(hasNews, RETRY_MS))) life.inbox.push({ type: 'retryDue' });
  } else if (legs.isContinued() && followEveryMs !== undefined) {
    if (!(await condition(hasNews, followEveryMs))) legs.look();
  } else await condition(hasNews);
}

function takeInbox(life: ListLife, flow: ListFlow): void {
  const alertsBefore = life.list.alerts.length;
  for (let event = life.inbox.shift(); event !== undefined; event = life.inbox.shift()) life.apply(event);
  flow.countAlerts(life.list.alerts.slice(alertsBefore));
}

/** Starts whatever the state asks for, until it asks for nothing more; nothing here waits. */
function act(life: ListLife, legs: Legs): void {
  for (let actions = nextActions(life.list); actions.length > 0; actions = nextActions(life.list)) {
    for (const action of actions) perform(life, legs, action);
  }
}

function perform(life: ListLife, legs: Legs, action: ListAction): void {
  const { leg } = action;
  switch (action.kind) {
    case 'begin':
      life.apply({ type: 'begun', leg });
      return legs.begin(action);
    case 'skip':
      return life.apply({ type: 'skipped', leg });
    case 'ask':
      life.apply({ type: 'asked', leg, act: action.act });
      return legs.ask(action);
  }
}

/** Once every order has its answer nobody waits for this run, and none of its children is on its way in. */
function mayContinueAsNew({ input, answer }: ListLife): boolean {
  const info = workflowInfo();
  if (answer === undefined) return false;
  return info.historyLength >= (input.historyEventsMax ?? HISTORY_EVENTS_MAX) || info.continueAsNewSuggested;
}

function detailsOf(life: ListLife): string {
  const { listOrderStatus, contingency, orders, alerts } = life.view();
  return [
    `**${listOrderStatus}** (${contingency})`,
    '',
    ...orders.map(
      ({ clientOrderId, phase, order }) =>
        `- \`${clientOrderId}\`: ${phase}${order === undefined ? '' : `, ${order.state}, filled ${order.cumQty} of ${order.quantity}`}`,
    ),
    ...alerts.map(({ code, message, at }) => `- ${at} \`${code}\` ${message}`),
  ].join('\n');
}
