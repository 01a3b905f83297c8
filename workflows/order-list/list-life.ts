import { evolveList, openList } from '../../domain/order-list/evolve-list';
import { isAnswered } from '../../domain/order-list/leg-facts';
import { toListView, type ListView } from '../../domain/order-list/list-view';
import type { ListEvent, ListState } from '../../domain/order-list/list-types';
import type { ListAnswer, ListWorkflowInput } from './list-messages';

/** One list inside its workflow: the state, which only `apply` changes, and what handlers and orders have said. */
export class ListLife {
  list: ListState;
  readonly inbox: ListEvent[] = [];
  answer: ListAnswer | undefined;
  createdBy = '';
  readonly input: ListWorkflowInput;
  private readonly workflowId: string;

  constructor(input: ListWorkflowInput, workflowId: string) {
    this.input = input;
    this.workflowId = workflowId;
    this.list = input.carried?.list ?? openList(input.request);
    this.answer = input.carried?.answer;
  }

  apply(event: ListEvent): void {
    this.list = evolveList(this.list, event);
    if (this.answer === undefined && isAnswered(this.list))
      this.answer = { createdBy: this.createdBy, list: this.view() };
  }

  view(): ListView {
    return toListView(this.list, this.workflowId);
  }
}
