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
import { countAlerts } from '../reporting/list-flow';
import { listenForList } from './list-handlers';
import { ListLife } from './list-life';
import { Legs } from './legs';
import type { ListAction } from '../../domain/order-list/list-types';
import type { ListView } from '../../domain/order-list/list-view';
import type { ListWorkflowInput } from './list-messages';

/** As for orders: well under what is quick to replay. */
const HISTORY_EVENTS_MAX = 2_000;
/** After this time an act is asked again that was refused for a reason that passes. */
const RETRY_MS = 5_000;

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
  return await CancellationScope.nonCancellable(() => conduct(life, new Legs(life)));
}

async function conduct(life: ListLife, legs: Legs): Promise<ListView> {
  for (;;) {
    takeInbox(life);
    act(life, legs);
    setCurrentDetails(detailsOf(life));
    const isAtRest = life.inbox.length === 0 && !legs.isBusy() && allHandlersFinished();
    if (isListDone(life.list) && isAtRest) return life.view();
    if (mayContinueAsNew(life) && isAtRest) {
      const carried = { list: life.list, ...(life.answer !== undefined && { answer: life.answer }) };
      await continueAsNew<typeof orderList>({ ...life.input, carried });
    }
    const hasNews = (): boolean =>
      life.inbox.length > 0 ||
      (!legs.isBusy() && allHandlersFinished() && (isListDone(life.list) || mayContinueAsNew(life)));
    if (!isToRetry(life.list)) await condition(hasNews);
    else if (!(await condition(hasNews, RETRY_MS))) life.inbox.push({ type: 'retryDue' });
  }
}

function takeInbox(life: ListLife): void {
  const alertsBefore = life.list.alerts.length;
  for (let event = life.inbox.shift(); event !== undefined; event = life.inbox.shift()) life.apply(event);
  countAlerts(life.list.alerts.slice(alertsBefore));
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
