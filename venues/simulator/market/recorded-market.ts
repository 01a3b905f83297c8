import { basename } from 'node:path';
import { dateIn, instantOf } from '../../../domain/calendar/zone-time';
import { readRecordedDay, type RecordedSecond } from './recorded-rows';
import type { Market, MarketSink } from './market';
import type { MarketRun, QuoteRow } from '../core/book-types';
import type { Logger } from '../../../observability/logger';

const EXCHANGE_ZONE = 'America/New_York';
const SESSION_OPEN = '09:30';
/** A day without rows after its last one; a run resumed later than this would only show the standing quotes. */
const DAY_MS = 86_400_000;
const SLEEP_MS_MAX = 60_000;

export interface RecordedMarketOptions {
  path: string;
  /** Market seconds per second of real time. */
  speed: number;
  /** Market time to begin at: ISO 8601, or `HH:MM[:SS]` UTC on the day of the file. Default: the session's open. */
  from?: string;
  /** The run that the venue was in when it last ended, if any. */
  lastRun?: MarketRun | undefined;
  logger: Logger;
  nowMs?: () => number;
}

/**
 * A recorded day, played from the session's open at `speed` times real time. Market time stands at the last second
 * whose rows were played; after the last row the last quotes stand. After a crash the day goes on where it would be;
 * after an orderly stop it begins anew.
 */
export function createRecordedMarket(options: RecordedMarketOptions): Market {
  return new RecordedMarket(options);
}

class RecordedMarket implements Market {
  readonly symbols: readonly string[] = [];
  private readonly options: RecordedMarketOptions;
  private readonly nowMs: () => number;
  private run: MarketRun | undefined;
  private sink: MarketSink | undefined;
  private stopped = false;
  private wake: (() => void) | undefined;
  private playing: Promise<void> = Promise.resolve();

  constructor(options: RecordedMarketOptions) {
    this.options = options;
    this.nowMs = options.nowMs ?? Date.now;
  }

  async start(sink: MarketSink): Promise<void> {
    this.sink = sink;
    const seconds = readRecordedDay(this.options.path);
    const first = await seconds.next();
    if (first.done === true) throw new Error(`${this.options.path} has no rows`);
    const run = this.beginRun(first.value.atMs);
    this.run = run;
    const { standing, pending } = await this.skipTo(run, first.value, seconds);
    if (!this.isResumed(run)) sink.run(run);
    this.play(standing);
    this.playing = this.playAll(run, pending, seconds);
    // A fault in the middle of the file is as fatal as one at its beginning; whoever awaits stop() hears of it too.
    this.playing.catch((fault: unknown) => {
      this.options.logger.error('The recorded market broke off; its last quotes stand', { fault });
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake?.();
    await this.playing.catch(() => undefined);
    if (this.run !== undefined) this.sink?.run({ ...this.run, stopped: true });
  }

  private beginRun(firstMs: number): MarketRun {
    const { path, speed, from, lastRun } = this.options;
    const marketStartMs = startOfRun(firstMs, from);
    const source = basename(path);
    const isSame =
      lastRun?.source === source && lastRun.speed === speed && lastRun.marketStartMs === marketStartMs;
    if (lastRun !== undefined && isSame && !lastRun.stopped) {
      const marketNowMs = marketStartMs + (this.nowMs() - lastRun.startedAtMs) * speed;
      if (marketNowMs < marketStartMs + DAY_MS) return lastRun;
    }
    return { source, startedAtMs: this.nowMs(), marketStartMs, speed, stopped: false };
  }

  private isResumed(run: MarketRun): boolean {
    return run === this.options.lastRun;
  }

  private marketNowMs(run: MarketRun): number {
    return run.marketStartMs + (this.nowMs() - run.startedAtMs) * run.speed;
  }

  /** Reads up to the present of the run; the last row of each symbol before it stands, as it did in the market. */
  private async skipTo(
    run: MarketRun,
    first: RecordedSecond,
    seconds: AsyncGenerator<RecordedSecond>,
  ): Promise<{ standing: RecordedSecond; pending: RecordedSecond | undefined }> {
    const standing: RecordedSecond = { ...first, quotes: [], trades: [] };
    const quotes = new Map<string, QuoteRow>();
    const trades = new Map<string, RecordedSecond['trades'][number]>();
    const untilMs = Math.max(run.marketStartMs, this.isResumed(run) ? this.marketNowMs(run) : 0);
    let pending: RecordedSecond | undefined = first;
    while (pending !== undefined && pending.atMs <= untilMs) {
      if (this.isResumed(run)) this.sink?.past?.(pending, this.wallMs(run, pending.atMs));
      standing.time = pending.time;
      standing.atMs = pending.atMs;
      for (const row of pending.quotes) quotes.set(row.symbol, row);
      for (const trade of pending.trades) trades.set(trade.symbol, trade);
      const next: IteratorResult<RecordedSecond, void> = await seconds.next();
      pending = next.done === true ? undefined : next.value;
    }
    standing.quotes.push(...quotes.values());
    standing.trades.push(...trades.values());
    // Reading took time of its own, which is not the market's.
    if (!this.isResumed(run)) run.startedAtMs = this.nowMs();
    return { standing, pending };
  }

  private async playAll(
    run: MarketRun,
    pending: RecordedSecond | undefined,
    seconds: AsyncGenerator<RecordedSecond>,
  ): Promise<void> {
    let next = pending;
    while (next !== undefined && !this.stopped) {
      const waitMs = (next.atMs - this.marketNowMs(run)) / run.speed;
      if (waitMs > 0) {
        await this.sleep(Math.min(waitMs, SLEEP_MS_MAX));
        continue;
      }
      this.play(next);
      const result: IteratorResult<RecordedSecond, void> = await seconds.next();
      next = result.done === true ? undefined : result.value;
    }
    await seconds.return(undefined);
    if (!this.stopped) this.options.logger.info('The recorded market is over; its last quotes stand');
  }

  /** When a second of the market happens by the wall clock; what was before the run stands at its beginning. */
  private wallMs(run: MarketRun, marketMs: number): number {
    return run.startedAtMs + Math.max(0, marketMs - run.marketStartMs) / run.speed;
  }

  private play({ quotes, trades, time, atMs }: RecordedSecond): void {
    const runId = this.run?.startedAtMs ?? 0;
    const wallMs = this.run === undefined ? undefined : this.wallMs(this.run, atMs);
    for (const { symbol, price } of trades) this.sink?.trade(symbol, price, wallMs);
    this.sink?.quotes(
      quotes.map((row) => ({ ...row, id: `${runId}/${row.id ?? ''}` })),
      time,
      wallMs,
    );
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Where a run begins, epoch milliseconds: nothing can be shown before the first row. Throws RangeError when `from` is not a time. */
export function startOfRun(firstMs: number, from: string | undefined): number {
  const firstInstant = new Date(firstMs).toISOString();
  if (from === undefined) {
    const openMs = Date.parse(instantOf(dateIn(firstInstant, EXCHANGE_ZONE), SESSION_OPEN, EXCHANGE_ZONE));
    return Math.max(openMs, firstMs);
  }
  const isTimeOfDay = /^\d{2}:\d{2}(:\d{2})?Z?$/.test(from);
  const atMs = Date.parse(isTimeOfDay ? `${firstInstant.slice(0, 11)}${from.replace('Z', '')}Z` : from);
  if (Number.isNaN(atMs)) throw new RangeError(`--from ${from} is neither ISO 8601 nor HH:MM[:SS]`);
  return atMs;
}
