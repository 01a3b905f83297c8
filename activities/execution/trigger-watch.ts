import { haltsOn, type ActiveHalt } from '../../domain/risk/halts';
import { TriggerOutbox, type SignalTrigger, type Sighted } from './trigger-outbox';
import { WatchedOrder } from './watched-order';
import type { Tick } from '../../domain/order/trigger';
import type { Logger } from '../../observability/logger';
import type { TickPage, TickSource } from '../../venues/venue-port';
import type { TriggerRecord } from '../../storage/trigger-record';
import type { TriggerRegistry } from './trigger-registry';

const POLL_MS = 500;
/** Pages of history that one look reads; more than any venue keeps. */
const PAGES_MAX = 100;

export interface TriggerWatchOptions {
  market: TickSource;
  registry: Pick<TriggerRegistry, 'read' | 'halts' | 'save'>;
  signal: SignalTrigger;
  logger: Logger;
  nowMs?: () => number;
}

interface Lane {
  isLooking: boolean;
  isNews: boolean;
}

/**
 * Watches the market of one venue for the orders that wait here for a price. Every order is looked at with every tick
 * since its terms came into force, also those of a time in which nobody watched, so that it does not matter when this
 * process dies. A sighting goes to the order's workflow until Temporal has it; the workflow takes it once.
 * It needs MongoDB to learn of new orders, and not for those that it knows.
 */
export class TriggerWatch {
  private readonly options: TriggerWatchOptions;
  private readonly outbox: TriggerOutbox;
  private readonly orders = new Map<string, WatchedOrder>();
  private readonly lanes = new Map<string, Lane>();
  private halts: readonly ActiveHalt[] = [];
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> = Promise.resolve();
  private isBroken = false;
  private stopped = false;

  constructor(options: TriggerWatchOptions) {
    this.options = options;
    this.outbox = new TriggerOutbox(options.signal, (sighted) => this.onTaken(sighted), options.logger);
  }

  async start(): Promise<void> {
    await this.options.market.start((symbols) => {
      for (const symbol of symbols === 'all' ? this.symbols() : symbols) this.lookAt(symbol);
    });
    this.poll();
  }

  /** Stops looking; what was learned is kept as far as MongoDB takes it at once. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.options.market.stop();
    this.outbox.stop();
    await this.polling;
    await this.save().catch(() => this.options.logger.warn('The last of the triggers was not kept'));
  }

  /** Orders that wait for a price. */
  watchedCount(): number {
    return [...this.orders.values()].filter((order) => order.isWatching()).length;
  }

  private poll(): void {
    this.polling = this.exchange()
      .then(
        () => this.note(undefined),
        (fault: unknown) => this.note(fault),
      )
      .finally(() => {
        if (!this.stopped) this.timer = setTimeout(() => this.poll(), POLL_MS);
      });
  }

  private note(fault: unknown): void {
    const { logger } = this.options;
    if (fault !== undefined && !this.isBroken)
      logger.warn('Triggers cannot be read or kept for now', { fault });
    if (fault === undefined && this.isBroken) logger.info('Triggers are read and kept again');
    this.isBroken = fault !== undefined;
  }

  private async exchange(): Promise<void> {
    const records = await this.options.registry.read();
    // No order is looked at before it is known what is stopped.
    if (this.orders.size + records.length > 0) this.halts = await this.options.registry.halts();
    const symbols = new Set<string>();
    for (const record of records) {
      if (this.take(record) && record.terms !== undefined) symbols.add(record.terms.symbol);
    }
    for (const symbol of symbols) this.lookAt(symbol);
    await this.save();
  }

  /** Begins, changes or ends a watch as the order asks; true when there is something new to watch. */
  private take(record: TriggerRecord): boolean {
    const { _id, isArmed, terms, fired } = record;
    const known = this.orders.get(_id);
    if (!isArmed || terms === undefined) {
      this.orders.delete(_id);
      return false;
    }
    const isKnown = known !== undefined && known.terms.version >= terms.version;
    if (isKnown || fired?.version === terms.version) return false;
    this.orders.set(_id, new WatchedOrder(record, terms));
    return true;
  }

  private symbols(): Set<string> {
    return new Set([...this.orders.values()].map(({ terms }) => terms.symbol));
  }

  /** One look at a symbol at a time; what happens meanwhile is looked at next. */
  private lookAt(symbol: string): void {
    const lane = this.lanes.get(symbol) ?? { isLooking: false, isNews: false };
    this.lanes.set(symbol, lane);
    lane.isNews = true;
    if (lane.isLooking) return;
    lane.isLooking = true;
    void this.lookWhileNews(symbol, lane).finally(() => (lane.isLooking = false));
  }

  private async lookWhileNews(symbol: string, lane: Lane): Promise<void> {
    while (lane.isNews && !this.stopped) {
      lane.isNews = false;
      try {
        await this.look(symbol);
      } catch (fault) {
        // The next news of the market, or the next poll, looks again from the same place.
        this.options.logger.debug('The market could not be looked at', { symbol, fault });
      }
    }
  }

  private async look(symbol: string): Promise<void> {
    const orders = [...this.orders.values()].filter(
      (order) => order.terms.symbol === symbol && order.isWatching(),
    );
    const [first, ...others] = orders.map((order) => order.from());
    if (first === undefined) return;
    const ticks = await this.ticksSince(
      symbol,
      others.reduce((a, b) => (a < b ? a : b), first),
    );
    const nowMs = (this.options.nowMs ?? Date.now)();
    for (const order of orders) {
      const isHalted = haltsOn(this.halts, order.terms).length > 0;
      const sighting = order.look({ ticks, nowMs, isHalted });
      // An amendment may have replaced this watch while the market was read; the workflow would not take it.
      if (sighting === undefined) continue;
      const { orderId, workflowId, terms } = order;
      this.outbox.put({ orderId, workflowId, version: terms.version, sighting });
    }
  }

  /** Every tick since, and before them the one that stood then. */
  private async ticksSince(symbol: string, since: string): Promise<Tick[]> {
    const { market, logger } = this.options;
    const ticks: Tick[] = [];
    let from = since;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const found: TickPage = await market.ticks(symbol, from);
      if (page === 0 && found.standing !== undefined) ticks.push(found.standing);
      if (page === 0 && !found.complete)
        logger.warn('The venue does not know all that was', { symbol, since });
      ticks.push(...found.items);
      const last = found.items.at(-1);
      if (!found.more || last === undefined) break;
      // A page holds all ticks of its last time.
      from = new Date(Date.parse(last.at) + 1).toISOString();
    }
    return ticks;
  }

  private onTaken({ orderId, version }: Sighted): void {
    const order = this.orders.get(orderId);
    const at = new Date((this.options.nowMs ?? Date.now)()).toISOString();
    if (order?.terms.version === version) order.fired(at);
  }

  private async save(): Promise<void> {
    const marked = [...this.orders.values()].flatMap((order) => {
      const mark = order.mark();
      return mark === undefined ? [] : [{ order, mark }];
    });
    await this.options.registry.save(marked.map(({ mark }) => mark));
    for (const { order, mark } of marked) order.saved(mark);
  }
}
