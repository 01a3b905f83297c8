import { BSON, type ChangeStream, type Db } from 'mongodb';
import type { Logger } from '../../observability/logger';
import { isMongoUnavailable } from '../../storage/availability';
import { collection, type OrderRecord } from '../../storage/collections';
import type { Stored } from '../../storage/decimal128';
import { orderViewOf } from '../../storage/queries/orders';
import { FeedLog, type FeedChange } from './feed-log';

/** `gap`: changes may have been missed, so a listener must read everything anew. `end`: the server is draining. */
export type FeedMessage = { kind: 'change'; change: FeedChange } | { kind: 'gap' } | { kind: 'end' };
export type FeedListener = (message: FeedMessage) => void;

export interface Subscription {
  /** Where the feed stands: everything after it reaches the listener. */
  position: string;
  /** Changes since the listener's last one; undefined when the feed cannot tell and a snapshot is needed. */
  missed: FeedChange[] | undefined;
  unsubscribe: () => void;
}

export interface FeedDependencies {
  db: Db;
  ready: () => boolean;
  logger: Logger;
}

type OrderDocument = Stored<OrderRecord> & { _id: string };
type OrderStream = ChangeStream<OrderDocument>;

/** The server answers a quiet stream after this time, so that stopping is noticed. */
const AWAIT_MS = 1_000;
const REOPEN_PAUSE_MS = 250;
const OPEN_WAIT_MS = 3_000;
/** A feed nobody listens to goes on for a while, so that a client that reconnects misses nothing. */
const LINGER_MS = 5 * 60_000;
/** A server that does not wait must not make us spin. */
const QUIET_PAUSE_MS = 50;

/** The server can no longer resume from where we were, or the position is not one of its own. */
const LOST_POSITION_CODES: ReadonlySet<unknown> = new Set([
  2, 9, 14, 40585, 40649, 50811, 136, 260, 280, 286,
]);

/**
 * All changes of the orders view, by one change stream a process however many clients listen. It goes on by itself
 * after MongoDB was away; positions are MongoDB's own resume tokens, so they mean the same in every API process.
 */
export class OrderFeed {
  private readonly dependencies: FeedDependencies;
  private readonly log = new FeedLog();
  private readonly listeners = new Set<FeedListener>();
  private running = false;
  private stopped = false;
  private opened: Promise<void> = Promise.resolve();
  private lingerTimer: NodeJS.Timeout | undefined;

  constructor(dependencies: FeedDependencies) {
    this.dependencies = dependencies;
  }

  /** Undefined when the feed cannot be opened now: MongoDB is away or the server is draining. */
  async subscribe(listener: FeedListener, lastEventId?: string): Promise<Subscription | undefined> {
    if (this.stopped || !this.dependencies.ready()) return undefined;
    clearTimeout(this.lingerTimer);
    if (!this.running) this.start(lastEventId);
    this.listeners.add(listener);
    if (!(await settlesWithin(this.opened, OPEN_WAIT_MS))) {
      this.unsubscribe(listener);
      return undefined;
    }
    const missed = lastEventId === undefined ? undefined : this.log.since(lastEventId);
    return { position: this.log.position(), missed, unsubscribe: () => this.unsubscribe(listener) };
  }

  position(): string {
    return this.log.position();
  }

  isStopped(): boolean {
    return this.stopped;
  }

  /** Ends every stream; nothing can be subscribed afterwards. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.lingerTimer);
    this.publish({ kind: 'end' });
    this.listeners.clear();
  }

  private unsubscribe(listener: FeedListener): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    clearTimeout(this.lingerTimer);
    this.lingerTimer = setTimeout(() => (this.running = false), LINGER_MS);
    this.lingerTimer.unref();
  }

  /** A first listener that comes back with a position gets what it missed from MongoDB itself. */
  private start(lastEventId: string | undefined): void {
    this.running = true;
    this.log.clear(lastEventId !== undefined && decodePosition(lastEventId) !== undefined ? lastEventId : '');
    let markOpen: () => void = () => undefined;
    this.opened = new Promise((resolve) => (markOpen = resolve));
    void this.run(() => markOpen());
  }

  private async run(markOpen: () => void): Promise<void> {
    while (this.running && !this.stopped) {
      const stream = this.open();
      try {
        await this.follow(stream, markOpen);
      } catch (fault) {
        this.onFault(fault);
        await new Promise((wake) => setTimeout(wake, REOPEN_PAUSE_MS));
      } finally {
        await stream.close().catch((fault: unknown) => {
          this.dependencies.logger.debug('the order feed was closed by the server', {
            reason: String(fault),
          });
        });
      }
    }
  }

  private open(): OrderStream {
    const resumeAfter = decodePosition(this.log.position());
    return collection<OrderRecord>(this.dependencies.db, 'orders').watch(
      [{ $match: { operationType: { $in: ['insert', 'update', 'replace'] } } }],
      {
        fullDocument: 'updateLookup',
        maxAwaitTimeMS: AWAIT_MS,
        ...(resumeAfter === undefined ? {} : { resumeAfter }),
      },
    ) as unknown as OrderStream;
  }

  private async follow(stream: OrderStream, markOpen: () => void): Promise<void> {
    while (this.running && !this.stopped) {
      const askedAtMs = Date.now();
      const change = await stream.tryNext();
      const position = encodePosition(stream.resumeToken);
      if (change === null) {
        this.log.advance(position);
        markOpen();
        if (Date.now() - askedAtMs < QUIET_PAUSE_MS)
          await new Promise((wake) => setTimeout(wake, QUIET_PAUSE_MS));
        continue;
      }
      const document = 'fullDocument' in change ? change.fullDocument : undefined;
      if (document === undefined || document === null) continue;
      const entry = { id: position, order: orderViewOf(document) };
      this.log.append(entry);
      markOpen();
      this.publish({ kind: 'change', change: entry });
    }
  }

  private onFault(fault: unknown): void {
    const { logger } = this.dependencies;
    const code = (fault as { code?: unknown }).code;
    if (!isMongoUnavailable(fault) && LOST_POSITION_CODES.has(code)) {
      logger.warn('the order feed lost its position', { reason: String(fault) });
      this.log.clear('');
      this.publish({ kind: 'gap' });
      return;
    }
    logger.warn('the order feed is interrupted', { reason: String(fault) });
  }

  private publish(message: FeedMessage): void {
    for (const listener of [...this.listeners]) listener(message);
  }
}

function encodePosition(token: unknown): string {
  return token === undefined || token === null
    ? ''
    : Buffer.from(BSON.EJSON.stringify(token)).toString('base64url');
}

/** Undefined when `position` is not one of ours; a client may send anything. */
function decodePosition(position: string): object | undefined {
  if (position === '') return undefined;
  try {
    const token: unknown = BSON.EJSON.parse(Buffer.from(position, 'base64url').toString('utf8'));
    return typeof token === 'object' && token !== null && '_data' in token ? token : undefined;
  } catch {
    return undefined;
  }
}

async function settlesWithin(work: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((expire) => (timer = setTimeout(() => expire(false), limitMs)));
  const settled = await Promise.race([work.then(() => true), limit]);
  clearTimeout(timer);
  return settled;
}
