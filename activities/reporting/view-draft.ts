import { add } from '../../domain/money/decimal';
import { reversalPostings, tradePostings, type Posting } from '../../domain/money/ledger';
import { effectChange, effectOf, NO_EFFECT, type FillEffect } from '../../domain/reporting/fill-effect';
import { averagePriceOf, compareKeys } from '../../domain/reporting/position-fold';
import { PositionHistory } from '../../domain/reporting/position-history';
import {
  ledgerRecord,
  VIEW_VERSION,
  type BalanceRecord,
  type FillRecord,
  type PositionRecord,
} from '../../storage/collections';
import { orderEventId } from '../../storage/keys';
import { toStored } from '../../storage/decimal128';
import { lastChange, type FillChange } from './fill-chain';
import { isNewer, positionId, type PositionImage, type ViewBasis } from './view-image';
import type { RecordOrderInput } from './reporting.port';
import type { OrderEvent } from '../../domain/order/order-events';
import type { OrderView } from '../../domain/order/order-view';
import type { Write } from '../../storage/write-all';

interface OrderDraft {
  view: OrderView;
  isFirst: boolean;
}

/**
 * One batch of records, folded into the views. When the basis was read in the same transaction, what is stored
 * already is left alone; when it was remembered, every write is guarded so that a wrong memory is noticed.
 */
export class ViewDraft {
  private readonly events = new Map<string, OrderEvent>();
  private readonly orders = new Map<string, OrderDraft>();
  private readonly fills = new Map<string, FillRecord>();
  private readonly positions = new Map<string, PositionRecord>();
  private readonly balances = new Map<string, BalanceRecord>();
  private readonly postings: Posting[] = [];
  /** Positions whose past must be folded again from all their fills. */
  readonly outdated = new Set<string>();
  private readonly basis: ViewBasis;

  constructor(basis: ViewBasis) {
    this.basis = basis;
  }

  /** `settled`: the postings of a settlement that the input tells of. */
  take(input: RecordOrderInput, settled: readonly Posting[]): void {
    this.postings.push(...settled);
    for (const event of input.events) {
      const id = orderEventId(event.orderId, event.seq);
      const before = this.events.get(id);
      if (before === undefined || before.at <= event.at) this.events.set(id, event);
    }
    this.takeView(input);
    for (const fill of input.fills) {
      const { orderId, account } = input.view;
      const multiplier = input.multiplier as FillRecord['multiplier'];
      const head = { ...fill, _id: fill.fillId, orderId, account, version: input.view.sequence };
      this.takeFill({ ...head, currency: input.currency, multiplier }, input);
    }
  }

  private takeView({ view, events }: RecordOrderInput): void {
    const before = this.orders.get(view.orderId);
    const isFirst = (before?.isFirst ?? false) || events[0]?.seq === 1;
    const newest = before !== undefined && !isNewer(view, before.view) ? before.view : view;
    this.orders.set(view.orderId, { view: newest, isFirst });
  }

  private takeFill(next: FillRecord, { events, view }: RecordOrderInput): void {
    const before = this.fills.get(next._id) ?? this.basis.image.fills.get(next._id);
    if (before !== undefined && before.version >= next.version && !this.isLaterAttempt(before, view)) return;
    const change = lastChange(before ?? { ...next, settled: false }, events);
    const lastExecId = change?.execId ?? before?.lastExecId;
    const fill: FillRecord = lastExecId === undefined ? next : { ...next, lastExecId };
    this.fills.set(fill._id, fill);
    this.post(before, fill, change);
    const was = before === undefined ? NO_EFFECT : effectOf(before, before.multiplier);
    const moved = effectChange(was, effectOf(fill, fill.multiplier));
    this.moveBalance(fill, moved);
    this.movePosition(fill, moved);
  }

  /** True when the stored fill was written at the same sequence by a workflow task that ran again since. */
  private isLaterAttempt({ version, orderId }: FillRecord, view: OrderView): boolean {
    const stored = this.basis.stored?.views.get(orderId);
    return version === view.sequence && stored?.sequence === version && isNewer(view, stored);
  }

  /** Trade-date postings of a new fill, or of the difference that a bust or a correction makes. */
  private post(before: FillRecord | undefined, fill: FillRecord, change: FillChange | undefined): void {
    const { currency, multiplier } = fill;
    if (before === undefined) {
      if (fill.status !== 'busted') this.postings.push(...tradePostings(fill, currency, multiplier));
      return;
    }
    if (sameTrade(before, fill)) return;
    const execId = change?.execId ?? `v${fill.version}`;
    const at = change?.at ?? fill.executedAt;
    const after = fill.status === 'busted' ? {} : { after: fill };
    const { settlementDate } = fill;
    const settled = fill.settledAs === undefined && (change?.settled ?? before.settled);
    this.postings.push(
      ...reversalPostings({ before, ...after, execId, settled, settlementDate, at }, currency, multiplier),
    );
  }

  private moveBalance(fill: FillRecord, moved: FillEffect): void {
    const image = this.basis.image.balances.get(fill.account);
    const before = this.balances.get(fill.account) ?? image?.record;
    if (before === undefined) throw new Error(`balance of ${fill.account} was not read`);
    this.balances.set(fill.account, {
      ...before,
      cash: add(before.cash, moved.cash),
      settledCash: add(before.settledCash, moved.settledCash),
    });
  }

  private movePosition(fill: FillRecord, moved: FillEffect): void {
    const id = positionId(fill.account, fill.symbol);
    const image = this.imageOf(id);
    const { account, symbol, currency, multiplier } = fill;
    if (!image.history.put(fill)) this.outdated.add(id);
    const before = this.positions.get(id) ?? image.record;
    const settledQuantity = add(before?.settledQuantity ?? NO_EFFECT.settledQuantity, moved.settledQuantity);
    const version = image.record?.version ?? 0;
    const head = { _id: id, account, symbol, currency, multiplier, settledQuantity, version };
    this.positions.set(id, { ...head, ...foldOf(image) });
  }

  /** Folds a position again from all its fills: `stored`, and those of this batch in place of their older versions. */
  refold(id: string, stored: readonly FillRecord[]): void {
    const draft = this.positions.get(id);
    if (draft === undefined) throw new Error(`position ${id} is not in this batch`);
    const fills = new Map(stored.map((fill) => [fill._id, fill]));
    for (const fill of this.fills.values()) {
      if (positionId(fill.account, fill.symbol) === id) fills.set(fill._id, fill);
    }
    const { record, history: outdated } = this.imageOf(id);
    const history = new PositionHistory(outdated.multiplier);
    for (const fill of [...fills.values()].sort(compareKeys)) history.put(fill);
    const image: PositionImage = { record, history };
    this.basis.image.positions.set(id, image);
    this.positions.set(id, { ...draft, ...foldOf(image) });
  }

  private imageOf(id: string): PositionImage {
    const image = this.basis.image.positions.get(id);
    if (image === undefined) throw new Error(`position ${id} was not read`);
    return image;
  }

  /** The writes of the batch; call once. Afterwards the image holds what they write. */
  writes(): Write[] {
    return [
      ...[...this.events].flatMap(([id, event]) => this.eventWrites(id, event)),
      ...[...this.orders.values()].flatMap((draft) => this.orderWrites(draft)),
      ...[...this.fills.values()].map((fill) => this.fillWrite(fill)),
      ...this.postings.map((posting) => this.postingWrite(posting)),
      ...[...this.positions.values()].map((position) => this.positionWrite(position)),
      ...[...this.balances.values()].map((balance) => this.balanceWrite(balance)),
    ];
  }

  /**
   * A workflow task that Temporal did not take runs again, some time later, and its events may then differ under the
   * same sequence. The later one is what the history has, so it replaces the earlier one here too.
   */
  private eventWrites(id: string, event: OrderEvent): Write[] {
    const document = { _id: id, ...toStored(event) };
    const { stored } = this.basis;
    const at = stored?.eventTimes.get(id);
    if (at === undefined) return [{ kind: 'insert', into: 'orderEvents', document }];
    return at < event.at ? [{ kind: 'replace', into: 'orderEvents', filter: { _id: id, at }, document }] : [];
  }

  /** On a remembered basis an insert is cheaper, and meets what exists with STALE. */
  private postingWrite(posting: Posting): Write {
    const kind = this.basis.stored === undefined ? 'insert' : 'append';
    return { kind, into: 'ledger', document: toStored(ledgerRecord(posting)) };
  }

  private orderWrites({ view, isFirst }: OrderDraft): Write[] {
    const document = { _id: view.orderId, ...toStored(view), schemaVersion: VIEW_VERSION };
    const { stored } = this.basis;
    const before = stored?.views.get(view.orderId);
    if (stored === undefined ? isFirst : before === undefined)
      return [{ kind: 'insert', into: 'orders', document }];
    if (before !== undefined && !isNewer(view, before)) return [];
    const sequence = before?.sequence ?? { $lt: view.sequence };
    return [{ kind: 'replace', into: 'orders', filter: { _id: view.orderId, sequence }, document }];
  }

  private fillWrite(fill: FillRecord): Write {
    const before = this.basis.image.fills.get(fill._id);
    const document = { ...toStored(fill), schemaVersion: VIEW_VERSION };
    this.basis.image.fills.set(fill._id, fill);
    if (before === undefined) return { kind: 'insert', into: 'fills', document };
    return { kind: 'replace', into: 'fills', filter: { _id: fill._id, version: before.version }, document };
  }

  private positionWrite(position: PositionRecord): Write {
    const image = this.imageOf(position._id);
    const record = { ...position, version: position.version + 1 };
    const document = toStored(record);
    const isNew = image.record === undefined;
    image.record = record;
    if (isNew) return { kind: 'insert', into: 'positions', document };
    return {
      kind: 'replace',
      into: 'positions',
      filter: { _id: position._id, version: position.version },
      document,
    };
  }

  private balanceWrite(balance: BalanceRecord): Write {
    const record = { ...balance, version: balance.version + 1 };
    const isNew = this.basis.image.balances.get(balance._id)?.isNew ?? true;
    this.basis.image.balances.set(balance._id, { record, isNew: false });
    const document = toStored(record);
    if (isNew) return { kind: 'insert', into: 'accountBalances', document };
    return {
      kind: 'replace',
      into: 'accountBalances',
      filter: { _id: balance._id, version: balance.version },
      document,
    };
  }
}

function foldOf({
  history,
}: PositionImage): Pick<PositionRecord, keyof typeof history.state | 'averagePrice' | 'checkpoint'> {
  const { state, checkpoint } = history;
  return {
    ...state,
    averagePrice: averagePriceOf(state, history.multiplier),
    ...(checkpoint !== undefined && { checkpoint }),
  };
}

/** True when both versions book the same; settling alone is booked by settlement. */
function sameTrade(before: FillRecord, after: FillRecord): boolean {
  const wasBusted = before.status === 'busted';
  if (wasBusted !== (after.status === 'busted')) return false;
  return before.quantity === after.quantity && before.price === after.price && before.fee === after.fee;
}
