import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ExecutionReport } from '../../../domain/order/execution-report';
import { clOrdIdOf } from '../../../domain/order/order-id';
import { toOrderView } from '../../../domain/order/order-projection';
import type { OrderView } from '../../../domain/order/order-view';
import type { Decimal } from '../../../domain/money/decimal';
import { d, ORDER_ID, report, routedOrder, type OrderUnderTest } from './order-fixture';
import { OrderModel } from './order-model';

const quantity = fc.integer({ min: 1, max: 150 });
const wanted = fc.integer({ min: 1, max: 400 });
const cents = fc.integer({ min: 900, max: 1100 });
const pick = fc.nat({ max: 20 });

/** One thing that happens in a story. */
export const act = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ack' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('fill' as const), quantity, cents }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('askCancel' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('askReplace' as const), quantity: wanted }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pend' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('grant' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('grantOutOfTurn' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deny' as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      how: fc.constantFrom('cancelled', 'expired', 'rejected'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restate' as const), quantity }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('doneForDay' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('nextDay' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('suspend' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('bust' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('correct' as const), pick, quantity, cents }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('early' as const), isBust: fc.boolean(), quantity, cents }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resend' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('repeat' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('contradict' as const), pick }) },
);
export type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

const price = (amount: number) => d((amount / 100).toFixed(2));

/** What an order shows, as far as the model knows. */
export type StoryShows = Record<string, string>;

/** Something that came to the order in a story, for another player of it. */
export type Stimulus =
  | { report: ExecutionReport }
  | { cancel: string; refusal: string | undefined }
  | { replace: string; quantity: Decimal; refusal: string | undefined };

/** The part of an order's view that the model speaks about. */
export function storyShowsOf(view: OrderView): StoryShows {
  return {
    state: view.state,
    ordStatus: view.ordStatus,
    quantity: view.quantity,
    cumQty: view.cumQty,
    leavesQty: view.leavesQty,
    overfillQty: view.overfillQty,
    settledQty: view.settledQty,
    dayCumQty: view.dayCumQty,
    dayOrderQty: view.dayOrderQty,
    clOrdId: view.clOrdId,
  };
}

/** Plays one story on the order and on the model, and keeps what came and what the order then showed. */
export class Story {
  readonly order: OrderUnderTest;
  readonly model: OrderModel;
  readonly log: { stimuli: Stimulus[]; shows: StoryShows }[] = [];
  private stimuli: Stimulus[] = [];
  private readonly reports: ExecutionReport[] = [];
  private readonly lastIds: string[] = [];
  private ids = 0;

  constructor(timeInForce: 'day' | 'gtc') {
    this.order = routedOrder({ timeInForce });
    this.model = new OrderModel(100, timeInForce === 'gtc');
  }

  play(step: Act): void {
    const { model } = this;
    const isOver = model.end !== undefined || model.isSettledState;
    switch (step.do) {
      case 'ack':
        this.tell('accepted', {});
        if (!isOver) Object.assign(model, { isAcknowledged: true, isSuspended: false });
        break;
      case 'fill':
        this.fill(step.quantity, step.cents, isOver);
        break;
      case 'askCancel':
        this.askCancel(isOver);
        break;
      case 'askReplace':
        this.askReplace(step.quantity, isOver);
        break;
      case 'pend':
        this.pend(step.pick);
        break;
      case 'grant':
        this.grant();
        break;
      case 'grantOutOfTurn':
        this.grantOutOfTurn(step.pick);
        break;
      case 'early':
        this.early(step, isOver);
        break;
      case 'resend':
        // "Duplicate order" about an order that the venue has: nothing but an answer to a possible resend.
        if (model.isAcknowledged) this.tell('rejected', { reason: '6' });
        break;
      case 'deny':
        this.denyRequest(step.pick);
        break;
      case 'end':
        this.end(step.how);
        break;
      case 'restate':
        this.tell('restated', { orderQty: d(String(step.quantity)), reason: '3' });
        if (isOver) break;
        model.quantity = Math.max(step.quantity, model.cum);
        Object.assign(model, { isAcknowledged: true, isSuspended: false });
        break;
      case 'doneForDay':
        this.tell('doneForDay', {});
        if (isOver) break;
        Object.assign(model, { isDone: true, isAcknowledged: true });
        // A day order has no other day: it is over, though it shows that it is done for this one.
        if (!model.isGoodTill && !model.isFilled) Object.assign(model, { end: 'expired', requests: [] });
        break;
      case 'nextDay':
        this.tell('restated', { reason: '1' });
        if (isOver) break;
        Object.assign(model, { isAcknowledged: true, isSuspended: false });
        if (model.isGoodTill) Object.assign(model, { day: model.day + 1, isDone: false });
        break;
      case 'suspend':
        this.tell('suspended', {});
        if (!isOver) Object.assign(model, { isSuspended: true, isAcknowledged: true });
        break;
      case 'bust':
      case 'correct':
        this.correct(step);
        break;
      case 'settle':
        this.settle();
        break;
      case 'repeat':
        this.repeat(step.pick);
        break;
      case 'contradict':
        this.contradict(step.pick);
        break;
    }
    model.look();
    this.check();
    this.log.push({ stimuli: this.stimuli, shows: storyShowsOf(toOrderView(this.order.state)) });
    this.stimuli = [];
  }

  private hear(report: ExecutionReport): ReturnType<OrderUnderTest['run']> {
    this.stimuli.push({ report });
    return this.order.run({ type: 'applyReport', report });
  }

  private tell(kind: ExecutionReport['kind'], fields: Partial<ExecutionReport>): void {
    this.ids += 1;
    const told = report(kind, { clOrdId: clOrdIdOf(ORDER_ID, this.model.answersTo), ...fields });
    if (!kind.endsWith('Rejected')) told.execId = fields.execId ?? `e${this.ids}`;
    assert.equal(this.hear(told), undefined);
    this.reports.push(told);
  }

  private fill(shares: number, amount: number, isOver: boolean): void {
    const execId = `f${this.ids}`;
    this.tell('fill', { execId, lastQty: d(String(shares)), lastPx: price(amount) });
    const { model } = this;
    if (model.end !== 'rejected' || isOver) model.isAcknowledged = true;
    const fill = { execId, quantity: shares, cents: amount, isLive: true, isSettled: false, day: model.day };
    model.fills.push(fill);
    // What a bust took from a settled order does not come to life again; a fill that completes it has to settle.
    if (model.isFilled) model.wasSettled = false;
    this.lastIds.push(execId);
  }

  private askCancel(isOver: boolean): void {
    const { model } = this;
    const requestId = `c${model.used}-${this.order.events.length}`;
    const refusal = this.order.cancel(requestId);
    this.stimuli.push({ cancel: requestId, refusal: refusal?.code });
    if (isOver || model.isFilled) return assert.equal(refusal?.code, 'ORDER_CLOSED');
    if (model.requests.some(({ kind }) => kind === 'cancel'))
      return assert.equal(refusal?.code, 'CANCEL_PENDING');
    assert.equal(refusal, undefined);
    model.used += 1;
    model.requests.push({ n: model.used, kind: 'cancel', quantity: 0 });
  }

  private askReplace(shares: number, isOver: boolean): void {
    const { model } = this;
    const requestId = `r${model.used}-${this.order.events.length}`;
    const refusal = this.order.replace(requestId, String(shares));
    this.stimuli.push({ replace: requestId, quantity: d(String(shares)), refusal: refusal?.code });
    const wanted = model.requests.filter(({ kind }) => kind === 'replace').at(-1)?.quantity ?? model.quantity;
    const expected = isOver
      ? 'ORDER_CLOSED'
      : model.requests.some(({ kind }) => kind === 'cancel')
        ? 'CANCEL_PENDING'
        : model.requests.length >= 8
          ? 'REPLACE_PENDING'
          : model.isFilled && shares <= model.cum
            ? 'ORDER_CLOSED'
            : shares === wanted
              ? 'NOTHING_TO_CHANGE'
              : shares < model.cum
                ? 'QUANTITY_BELOW_FILLED'
                : undefined;
    assert.equal(refusal?.code, expected);
    if (refusal !== undefined) return;
    model.used += 1;
    model.requests.push({ n: model.used, kind: 'replace', quantity: shares });
  }

  private pend(choice: number): void {
    const { model } = this;
    const request = model.requests[choice % Math.max(1, model.requests.length)];
    if (request === undefined) return;
    this.tell(request.kind === 'cancel' ? 'pendingCancel' : 'pendingReplace', {
      clOrdId: clOrdIdOf(ORDER_ID, request.n),
    });
    model.isAcknowledged = true;
  }

  private grant(): void {
    const { model } = this;
    const request = model.requests[0];
    if (request === undefined) return;
    const clOrdId = clOrdIdOf(ORDER_ID, request.n);
    if (request.kind === 'cancel') {
      this.tell('cancelled', { clOrdId });
      if (model.isFilled) {
        // Nothing was left to cancel: the request is answered, and the order stays filled.
        model.requests = model.requests.filter(({ kind }) => kind !== 'cancel');
        Object.assign(model, { isDone: false, isSuspended: false });
        return;
      }
      model.answersTo = request.n;
      return model.finish('canceled');
    }
    this.tell('replaced', { clOrdId });
    model.requests.shift();
    this.takeReplace(request);
  }

  /** A replace that a later one of the chain has overtaken changes nothing any more. */
  private takeReplace(request: { n: number; quantity: number }): void {
    const { model } = this;
    Object.assign(model, { isAcknowledged: true, isSuspended: false });
    if (request.n < model.answersTo) return;
    model.answersTo = request.n;
    model.quantity = Math.max(request.quantity, model.cum);
  }

  /** A later replace is confirmed first; the ones before it stay pending, and change nothing any more. */
  private grantOutOfTurn(choice: number): void {
    const { model } = this;
    const replaces = model.requests.filter(({ kind }) => kind === 'replace');
    const request = replaces[choice % Math.max(1, replaces.length)];
    if (request === undefined) return;
    this.tell('replaced', { clOrdId: clOrdIdOf(ORDER_ID, request.n) });
    model.requests = model.requests.filter((other) => other !== request);
    this.takeReplace(request);
  }

  /** A bust or correction overtakes the execution that it names. */
  private early(
    { isBust, quantity: shares, cents: amount }: Extract<Act, { do: 'early' }>,
    isOver: boolean,
  ): void {
    const execRefId = `f${this.ids + 1}`;
    const execId = `x${this.ids}`;
    const terms = { lastQty: d(String(shares)), lastPx: price(amount) };
    this.tell(isBust ? 'bust' : 'correct', { execId, execRefId, ...(!isBust && terms) });
    this.model.isAcknowledged = true;
    const { wasSettled } = this.model;
    this.fill(100, 1000, isOver);
    const fill = this.model.fills.at(-1);
    if (isBust) Object.assign(fill ?? {}, { isLive: false });
    else Object.assign(fill ?? {}, { quantity: shares, cents: amount });
    // The execution is never seen as it was: only what the correction made of it can complete the order.
    this.model.wasSettled = wasSettled && !this.model.isFilled;
    this.lastIds[this.lastIds.length - 1] = execId;
  }

  private denyRequest(choice: number): void {
    const { model } = this;
    const request = model.requests[choice % Math.max(1, model.requests.length)];
    if (request === undefined) return;
    this.tell(request.kind === 'cancel' ? 'cancelRejected' : 'replaceRejected', {
      clOrdId: clOrdIdOf(ORDER_ID, request.n),
      reason: '0',
    });
    model.requests = model.requests.filter((other) => other !== request);
  }

  private end(how: string): void {
    const { model } = this;
    const isOver = model.end !== undefined || model.isSettledState;
    this.tell(how as 'cancelled' | 'expired' | 'rejected', {});
    if (how !== 'rejected') Object.assign(model, { isDone: false, isSuspended: false });
    if (how === 'cancelled') model.requests = model.requests.filter(({ kind }) => kind !== 'cancel');
    if (isOver || model.isFilled) return;
    model.finish(how === 'cancelled' ? 'canceled' : (how as 'expired' | 'rejected'));
  }

  private correct(step: Extract<Act, { do: 'bust' | 'correct' }>): void {
    const { model } = this;
    const index = step.pick % Math.max(1, model.fills.length);
    const fill = model.fills[index];
    if (fill === undefined || !fill.isLive) return;
    const execId = `x${this.ids}`;
    const execRefId = this.lastIds[index] ?? '';
    this.lastIds[index] = execId;
    if (step.do === 'bust') {
      this.tell('bust', { execId, execRefId });
      fill.isLive = false;
      return;
    }
    this.tell('correct', { execId, execRefId, lastQty: d(String(step.quantity)), lastPx: price(step.cents) });
    Object.assign(fill, { quantity: step.quantity, cents: step.cents });
  }

  private settle(): void {
    const unsettled = this.model.fills.filter((fill) => fill.isLive && !fill.isSettled);
    const fillIds = unsettled.map(({ execId }) => `XSIM-${execId}`);
    const refusal = this.order.run({ type: 'settleFills', fillIds, settlementDate: '2025-03-04' });
    if (unsettled.length === 0) return assert.equal(refusal?.duplicate, true);
    assert.equal(refusal, undefined);
    for (const fill of unsettled) fill.isSettled = true;
  }

  private repeat(choice: number): void {
    const earlier = this.reports[choice % Math.max(1, this.reports.length)];
    if (earlier === undefined) return;
    const before = this.order.state;
    assert.equal(this.hear({ ...earlier })?.duplicate, true);
    assert.equal(this.order.state, before);
  }

  private contradict(choice: number): void {
    const earlier = this.reports[choice % Math.max(1, this.reports.length)];
    if (earlier === undefined) return;
    const anomalies = this.order.anomalies().length;
    this.ids += 1;
    const other = { ...earlier, lastPx: price(100_000 + this.ids) };
    assert.equal(this.hear(other), undefined);
    assert.equal(this.order.anomalies().length, anomalies + 1);
    assert.equal(this.order.anomalies().at(-1), 'REPORT_CONTENT_CONFLICT');
  }

  private check(): void {
    const { model } = this;
    const view = toOrderView(this.order.state);
    assert.deepEqual(storyShowsOf(view), {
      state: model.lifecycle,
      ordStatus: model.ordStatus,
      quantity: String(model.quantity),
      cumQty: String(model.cum),
      leavesQty: String(model.leaves),
      overfillQty: String(Math.max(0, model.cum - model.quantity)),
      settledQty: String(model.settled),
      dayCumQty: String(model.dayCum),
      dayOrderQty: String(model.quantity - (model.cum - model.dayCum)),
      clOrdId: clOrdIdOf(ORDER_ID, model.answersTo),
    });
    const live = model.fills.filter((fill) => fill.isLive);
    const average =
      live.reduce((sum, fill) => sum + fill.quantity * fill.cents, 0) / 100 / Math.max(1, model.cum);
    assert.ok(Math.abs(Number(view.avgPx) - average) < 1e-7, `avgPx ${view.avgPx} ${average}`);
    this.checkDay(view);
  }

  /** Days are those of good-till orders; any other has none. */
  private checkDay(view: OrderView): void {
    const { model } = this;
    if (!model.isGoodTill) {
      assert.equal(view.dayAvgPx, undefined);
      return;
    }
    const today = model.fills.filter((fill) => fill.isLive && fill.day === model.day);
    const cents = today.reduce((sum, fill) => sum + fill.quantity * fill.cents, 0);
    const average = cents / 100 / Math.max(1, model.dayCum);
    assert.ok(Math.abs(Number(view.dayAvgPx) - average) < 1e-7, `dayAvgPx ${view.dayAvgPx} ${average}`);
  }
}
