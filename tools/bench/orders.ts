import { randomBytes } from 'node:crypto';
import type { Collection, MongoClient } from 'mongodb';
import { KeptConnections } from './http-client';
import { rounded, timed } from './statistics';
import type { RunDescription } from '../support/running-system';

const SYMBOLS = ['SPY', 'IBM', 'BAC', 'AIG'] as const;
/** Looking costs the database and the two cores that the orders are to have. */
const POLL_MS = 250;
const TURNED_AWAY: readonly string[] = ['TOO_BUSY', 'OVERLOADED'];
const DRAIN_TIMEOUT_MS = 120_000;

interface OrderDocument {
  _id: string;
  state: string;
  cumQty: string;
}

/** Sends plain market day orders through the API and watches the view until they are settled. */
export class OrderLoad {
  private readonly orders: Collection<OrderDocument>;
  private readonly http: KeptConnections;
  private readonly prefix = `bench-${randomBytes(4).toString('hex')}`;
  private count = 0;
  /** Acknowledged and not yet seen settled; looking for these alone costs the database little, however many went before. */
  private readonly unsettled = new Set<string>();
  private settled = 0;
  readonly faults: string[] = [];
  /** How often an order was asked to come again. */
  turnedAway = 0;

  private constructor(described: RunDescription, key: string, orders: Collection<OrderDocument>) {
    this.orders = orders;
    this.http = new KeptConnections(described.apiUrl, key);
  }

  static open(described: RunDescription, key: string, mongo: MongoClient): OrderLoad {
    return new OrderLoad(described, key, mongo.db('steadfill').collection<OrderDocument>('orders'));
  }

  /** Sends one order; milliseconds until it was acknowledged, and its id. Faults are counted, never hidden. */
  async submit(): Promise<{ ackMs: number; orderId: string | undefined }> {
    this.count += 1;
    const body = {
      clientOrderId: `${this.prefix}-${this.count}`,
      account: this.count % 2 === 0 ? 'ACC-1' : 'ACC-2',
      symbol: SYMBOLS[this.count % SYMBOLS.length],
      side: 'buy',
      type: 'market',
      quantity: '1',
      timeInForce: 'day',
    };
    let orderId: string | undefined;
    const ackMs = await timed(async () => {
      orderId = await this.send(JSON.stringify(body));
    });
    return { ackMs, orderId };
  }

  /** Sends until the API lets the order in: at saturation it asks some to come again, which is no fault. */
  private async send(body: string): Promise<string | undefined> {
    for (;;) {
      const { status, headers, json } = await this.http.post('/v1/orders', body);
      const answer = json as { order?: { orderId: string }; code?: string };
      const retryAfterSeconds = Number(headers['retry-after'] ?? 'NaN');
      if (TURNED_AWAY.includes(answer.code ?? '') && Number.isFinite(retryAfterSeconds)) {
        this.turnedAway += 1;
        await new Promise((wake) => setTimeout(wake, retryAfterSeconds * 1_000));
        continue;
      }
      const orderId = status === 201 ? answer.order?.orderId : undefined;
      if (orderId === undefined) this.faults.push(`${status} ${answer.code ?? ''}`);
      else this.unsettled.add(orderId);
      return orderId;
    }
  }

  /** Account and clientOrderId of the last order sent. */
  lastOrder(): [string, string] {
    return [this.count % 2 === 0 ? 'ACC-1' : 'ACC-2', `${this.prefix}-${this.count}`];
  }

  /** Results are checked, not only counted: every order is settled in full. Throws when one is not. */
  async verify(): Promise<void> {
    const wrong = await this.orders.countDocuments({
      clientOrderId: { $regex: `^${this.prefix}-` },
      $or: [{ state: { $ne: 'settled' } }, { ordStatus: { $ne: 'filled' } }],
    } as never);
    if (wrong > 0) throw new Error(`${wrong} orders are not filled and settled`);
  }

  /** Looks which orders have settled since the last look; answers how many have in all. */
  private async look(): Promise<number> {
    const ids = [...this.unsettled];
    if (ids.length === 0) return this.settled;
    const found = this.orders.find({ _id: { $in: ids }, state: 'settled' }, { projection: { _id: 1 } });
    for (const { _id } of await found.toArray()) if (this.unsettled.delete(_id)) this.settled += 1;
    return this.settled;
  }

  acknowledgedCount(): number {
    return this.count - this.faults.length;
  }

  /** Waits until every acknowledged order is settled. Throws with the shortfall when the bound passes. */
  async drain(): Promise<void> {
    const deadline = Date.now() + DRAIN_TIMEOUT_MS;
    for (;;) {
      await this.look();
      if (this.unsettled.size === 0) return;
      if (Date.now() > deadline) throw new Error(`${this.unsettled.size} acknowledged orders did not settle`);
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  }

  /**
   * Filled-and-settled orders a second at saturation: `clients` senders, at most `inFlightMax` orders not settled
   * yet, counted between two looks at the view after a warm-up, so that neither ramp is counted.
   */
  async saturate(
    clients: number,
    inFlightMax: number,
    warmUpMs: number,
    durationMs: number,
  ): Promise<number> {
    const stopAt = performance.now() + warmUpMs + durationMs;
    // What this does not see, the look after the lanes does, or fails to and says so.
    const watch = setInterval(() => void this.look().catch(() => undefined), POLL_MS);
    const lane = async (): Promise<void> => {
      while (performance.now() < stopAt) {
        if (this.unsettled.size >= inFlightMax) await new Promise((wake) => setTimeout(wake, 5));
        else await this.submit();
      }
    };
    const lanes = Promise.all(Array.from({ length: clients }, lane));
    // A fault may come before they are waited for, below.
    lanes.catch(() => clearInterval(watch));
    await new Promise((wake) => setTimeout(wake, warmUpMs));
    const from = { count: await this.look(), at: performance.now() };
    await lanes;
    const to = { count: await this.look(), at: performance.now() };
    clearInterval(watch);
    await this.drain();
    return rounded((to.count - from.count) / ((to.at - from.at) / 1_000));
  }

  /** Acknowledgement latencies at an open-model arrival rate. */
  async atRate(ordersPerSecond: number, durationMs: number): Promise<number[]> {
    const latencies: number[] = [];
    const sending: Promise<void>[] = [];
    const started = performance.now();
    for (let sent = 0; (sent / ordersPerSecond) * 1_000 < durationMs; sent += 1) {
      const due = started + (sent / ordersPerSecond) * 1_000;
      const waitMs = due - performance.now();
      if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
      sending.push(this.submit().then(({ ackMs }) => void latencies.push(ackMs)));
    }
    await Promise.all(sending);
    await this.drain();
    return latencies;
  }
}
