import { createSession, type Session } from 'better-sse';
import type { Request, Response } from 'express';
import { LIFECYCLE_STATES, type LifecycleState } from '../../domain/order/order-types';
import type { OrderView } from '../../domain/order/order-view';
import { isoNow, type Clock } from '../clock';
import { problem, type Problem } from '../http/problem';
import type { Reads } from '../reads';
import type { FeedMessage, OrderFeed } from './order-feed';
import type { FeedChange } from './feed-log';

const STREAMS_MAX = 200;
const HEARTBEAT_MS = 10_000;
const RETRY_MS = 2_000;
/** When this process leaves, another one is there already; the spread keeps all streams from coming back at once. */
const RETURN_MS = { least: 50, spread: 450 } as const;
/** A stream is the last on its connection, so that no client waits on one that has ended for its next request. */
const STREAM_HEADERS = { Connection: 'close' } as const;
/** A client that reads this far behind is cut off and comes back with its last position. */
const UNSENT_BYTES_MAX = 1_048_576;
const WAITING_CHANGES_MAX = 10_000;
const SNAPSHOT_STATE_ITEMS = 500;

const CLOSED_STATES: ReadonlySet<LifecycleState> = new Set(['settled', 'rejected', 'cancelled', 'expired']);
const OPEN_STATES = LIFECYCLE_STATES.filter((state) => !CLOSED_STATES.has(state));

export interface StreamDependencies {
  feed: OrderFeed;
  reads: Reads;
  clock: Clock;
}

interface Snapshot {
  items: OrderView[];
  asOf: string;
  /** True when there are more orders than a snapshot holds; ask GET /v1/orders for the others. */
  truncated: boolean;
}

/** Live streams of orders, bounded in number. */
export class OrderStreams {
  private readonly dependencies: StreamDependencies;
  private open = 0;

  constructor(dependencies: StreamDependencies) {
    this.dependencies = dependencies;
  }

  /** Takes over the response: a snapshot (or what was missed since Last-Event-ID), then each change. */
  async serve(
    request: Request,
    response: Response,
    accounts: readonly string[] | undefined,
  ): Promise<Problem | { kind: 'streaming' }> {
    if (this.dependencies.feed.isStopped()) return await sendElsewhere(request, response);
    if (this.open >= STREAMS_MAX) return problem('OVERLOADED', { detail: 'Too many streams are open.' });
    const stream = new OrderStream(this.dependencies, response, accounts);
    this.open += 1;
    response.once('close', () => {
      this.open -= 1;
      stream.end();
    });
    return await stream.begin(request);
  }
}

class OrderStream {
  private readonly dependencies: StreamDependencies;
  private readonly response: Response;
  private readonly accounts: readonly string[] | undefined;
  private session: Session | undefined;
  private unsubscribe: () => void = () => undefined;
  /** Changes that arrive while a snapshot is read; undefined once changes go straight out. */
  private waiting: FeedChange[] | undefined = [];
  private snapshotSequences = new Map<string, number>();
  private ended = false;
  /** A gap showed before the stream had begun. */
  private gapBefore = false;

  constructor(dependencies: StreamDependencies, response: Response, accounts: readonly string[] | undefined) {
    this.dependencies = dependencies;
    this.response = response;
    this.accounts = accounts;
  }

  async begin(request: Request): Promise<Problem | { kind: 'streaming' }> {
    const lastEventId = request.get('Last-Event-ID');
    const subscription = await this.dependencies.feed.subscribe((message) => this.take(message), lastEventId);
    const unavailable = problem('SERVICE_UNAVAILABLE', {
      detail: 'Orders cannot be streamed at the moment.',
    });
    if (subscription === undefined) return unavailable;
    this.unsubscribe = subscription.unsubscribe;
    const snapshot = subscription.missed === undefined ? await this.readSnapshot() : undefined;
    if (subscription.missed === undefined && snapshot === undefined) {
      this.end();
      return unavailable;
    }
    this.session = await createSession(request, this.response, {
      keepAlive: HEARTBEAT_MS,
      retry: RETRY_MS,
      headers: STREAM_HEADERS,
    });
    if (this.ended) {
      this.response.end(returnHint());
      return { kind: 'streaming' };
    }
    if (snapshot !== undefined) this.sendSnapshot(snapshot, subscription.position);
    const sent = new Set<string>();
    for (const change of subscription.missed ?? []) {
      sent.add(change.id);
      this.send(change);
    }
    if (this.gapBefore) await this.resynchronise();
    else this.flush(sent);
    return { kind: 'streaming' };
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.unsubscribe();
    if (this.session !== undefined && !this.response.writableEnded) this.response.end();
  }

  private take(message: FeedMessage): void {
    if (this.ended) return;
    if (message.kind === 'end') return this.sendAway();
    if (message.kind === 'gap') {
      if (this.session === undefined) {
        this.gapBefore = true;
        return;
      }
      void this.resynchronise().catch(() => this.end());
      return;
    }
    if (this.waiting === undefined) return this.send(message.change);
    this.waiting.push(message.change);
    if (this.waiting.length > WAITING_CHANGES_MAX) this.end();
  }

  /** The server leaves: the client comes back soon with its last position, to whoever serves then. */
  private sendAway(): void {
    if (this.session !== undefined && !this.response.writableEnded) this.response.write(returnHint());
    this.end();
  }

  private async resynchronise(): Promise<void> {
    this.waiting ??= [];
    const snapshot = await this.readSnapshot();
    if (snapshot === undefined) return this.end();
    this.sendSnapshot(snapshot, this.dependencies.feed.position());
    this.flush(new Set());
  }

  private flush(alreadySent: ReadonlySet<string>): void {
    const held = this.waiting ?? [];
    this.waiting = undefined;
    for (const change of held) if (!alreadySent.has(change.id)) this.send(change);
  }

  private sendSnapshot(snapshot: Snapshot, position: string): void {
    this.snapshotSequences = new Map(snapshot.items.map((order) => [order.orderId, order.sequence]));
    this.session?.push(snapshot, 'snapshot', position);
  }

  private send({ id, order }: FeedChange): void {
    if (this.ended || (this.accounts !== undefined && !this.accounts.includes(order.account))) return;
    if ((this.snapshotSequences.get(order.orderId) ?? 0) >= order.sequence) return;
    this.session?.push(order, 'order', id);
    if (this.response.writableLength > UNSENT_BYTES_MAX) this.end();
  }

  /** Everything that is open and the newest orders of any state; undefined when MongoDB cannot be asked. */
  private async readSnapshot(): Promise<Snapshot | undefined> {
    const { reads, clock } = this.dependencies;
    const asOf = isoNow(clock);
    const orders = new Map<string, OrderView>();
    let truncated = false;
    for (const state of [undefined, ...OPEN_STATES]) {
      const filter = { accounts: this.accounts, state, limit: SNAPSHOT_STATE_ITEMS };
      const page = await reads.orUnavailable(() => reads.listOrders(filter));
      if (!page.ok) return undefined;
      for (const order of page.value.items) orders.set(order.orderId, order);
      truncated ||= page.value.nextCursor !== null;
      if (state === undefined && page.value.nextCursor === null) break;
    }
    return { items: [...orders.values()], asOf, truncated };
  }
}

/** A stream that ends at once: event sources come back after that, while they give up for good on an error status. */
async function sendElsewhere(request: Request, response: Response): Promise<{ kind: 'streaming' }> {
  await createSession(request, response, { keepAlive: null, retry: null, headers: STREAM_HEADERS });
  response.end(returnHint());
  return { kind: 'streaming' };
}

function returnHint(): string {
  return `retry: ${Math.round(RETURN_MS.least + Math.random() * RETURN_MS.spread)}\n\n`;
}
