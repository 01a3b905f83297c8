import { ZERO, type Money, type Price, type Quantity } from '../../../domain/money/decimal';
import type { WireReport } from '../protocol';
import type { BookedOrder } from './book-types';

/** One execution of one side, as it is after its busts and corrections. */
export interface Execution {
  order: BookedOrder;
  /** Last id of its chain: what the next bust or correction has to name. */
  lastExecId: string;
  quantity: Quantity;
  price: Price;
  fee: Money;
  busted: boolean;
}

/** Every execution of the venue, found by any id of its chain. */
export class Executions {
  private readonly byExecId = new Map<string, Execution>();

  find(execId: string): Execution | undefined {
    return this.byExecId.get(execId);
  }

  /** Takes in a fill of `order`. */
  add(order: BookedOrder, { execId = '', lastQty = ZERO, lastPx = ZERO, fee = ZERO }: WireReport): void {
    const execution = { order, lastExecId: execId, quantity: lastQty, price: lastPx, fee, busted: false };
    this.byExecId.set(execId, execution);
  }

  /**
   * Takes in a bust or a correction and answers the execution as it was before. Throws when it names none: the journal
   * is then not ours.
   */
  change({ kind, execId = '', execRefId = '', lastQty = ZERO, lastPx = ZERO, fee }: WireReport): Execution {
    const execution = this.byExecId.get(execRefId);
    if (execution === undefined) throw new Error(`there is no execution ${execRefId}`);
    const before = { ...execution };
    execution.lastExecId = execId;
    if (kind === 'bust') execution.busted = true;
    else Object.assign(execution, { quantity: lastQty, price: lastPx, fee: fee ?? execution.fee });
    this.byExecId.set(execId, execution);
    return before;
  }
}
