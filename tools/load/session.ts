import { randomBytes } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { openFloor } from '../bench/floor';
import { OrderLoad } from '../bench/orders';
import { rounded } from '../bench/statistics';
import { latencyOf, type Latency } from './figures';
import type { LinkName } from './links';
import { runPhase, type PhaseRun } from './phase';
import type { PlannedPhase } from './profiles';
import type { LoadedSystem } from './system';
import { verify, type Finding } from './verify';

const SYMBOLS = ['SPY', 'IBM', 'BAC', 'AIG'] as const;
/** Shares of each symbol that every account starts with, so that it has something to sell; a few per cent of its cash. */
const STOCK_SHARES = '2000';
const FLOOR_SAMPLES = 40;
/** Enough senders to keep every part busy, and few enough that none of them waits until the API would rather refuse. */
const CAPACITY = { clients: 16, inFlightMax: 200 } as const;
/** Added to each direction of a delayed connection, and the spread that retransmissions would give it. */
export const DELAY = { latencyMs: 10, jitterMs: 3 } as const;
const CUT = { everyMs: 2_500, lastsMs: 250 } as const;
/** The issue's own bound: the backlog is gone within a minute. */
export const DRAIN_SECONDS_MAX = 60;
/** The wait goes on for a while after the bound, so that a breach has a figure. */
const DRAIN_MS_GIVEN_UP = 2 * DRAIN_SECONDS_MAX * 1_000;

export interface Capacity {
  /** Plain market orders a second, filled and settled, at saturation. */
  ordersPerSecond: number;
  seconds: number;
}

/** A system under load from its floors to its final checks; every order that it sends is remembered and checked. */
export class LoadSession {
  readonly system: LoadedSystem;
  private readonly mongo: MongoClient;
  private readonly db: Db;
  private readonly runId = randomBytes(3).toString('hex');
  private readonly runs: PhaseRun[] = [];

  private constructor(system: LoadedSystem, mongo: MongoClient) {
    this.system = system;
    this.mongo = mongo;
    this.db = mongo.db('steadfill');
  }

  static async open(system: LoadedSystem): Promise<LoadSession> {
    const session = new LoadSession(system, await MongoClient.connect(system.described.mongoUri));
    await session.stockUp();
    return session;
  }

  async close(): Promise<void> {
    await this.mongo.close();
  }

  /** Empty update-with-start on the same servers, one at a time: what an acknowledgement cannot be below. */
  async floor(samples = FLOOR_SAMPLES): Promise<Latency> {
    const { temporalAddress, mongoUri } = this.system.described;
    const floor = await openFloor(temporalAddress, mongoUri);
    try {
      await floor.updateWithStartMs();
      const latencies: number[] = [];
      for (let sample = 0; sample < samples; sample += 1) latencies.push(await floor.updateWithStartMs());
      return latencyOf(latencies);
    } finally {
      await floor.close();
    }
  }

  /** What the system does at saturation, as the bench measures it. */
  async capacity(warmUpMs = 4_000, windowMs = 12_000): Promise<Capacity> {
    const load = OrderLoad.open(this.system.described, this.system.target.key, this.mongo);
    const ordersPerSecond = await load.saturate(CAPACITY.clients, CAPACITY.inFlightMax, warmUpMs, windowMs);
    const wrong = load.faults.filter((fault) => !/^(429|503) /.test(fault));
    if (wrong.length > 0)
      throw new Error(`${wrong.length} orders were answered wrongly: ${wrong.slice(0, 3).join(', ')}`);
    return { ordersPerSecond, seconds: rounded(windowMs / 1_000) };
  }

  /** Runs one phase with what disturbs it, and takes the disturbance away again. */
  async run({ plan, disturbance }: PlannedPhase): Promise<PhaseRun> {
    const { proxies } = this.system;
    if (disturbance !== undefined && proxies === undefined)
      throw new Error(
        'connections can be delayed or cut only in a system that load tests started themselves',
      );
    if (disturbance?.kind === 'delay') await proxies?.delay(disturbance.link, DELAY);
    try {
      const run = await runPhase(this.system, this.db, plan, {
        prefix: `load-${this.runId}-${plan.name}`,
        drainMsMax: DRAIN_MS_GIVEN_UP,
        ...(disturbance?.kind === 'cuts' && { meanwhile: (over) => this.cutUntil(over, disturbance.link) }),
      });
      this.runs.push(run);
      return run;
    } finally {
      await proxies?.heal();
    }
  }

  /** Everything that must be so in the end, over all phases that ran. */
  async verify(withHistories = true): Promise<Finding[]> {
    const { home, described } = this.system;
    return await verify({ db: this.db, home, venueUrl: described.venueUrl }, this.runs, withHistories);
  }

  private async cutUntil(over: AbortSignal, link: LinkName): Promise<void> {
    while (!over.aborted) {
      await new Promise((wake) => setTimeout(wake, CUT.everyMs));
      await this.system.proxies?.cut(link, CUT.lastsMs);
    }
  }

  private async stockUp(): Promise<void> {
    const { apiUrl, key, accounts } = this.system.target;
    for (const account of accounts) {
      for (const symbol of SYMBOLS) {
        const order = {
          account,
          symbol,
          side: 'buy',
          type: 'market',
          quantity: STOCK_SHARES,
          timeInForce: 'day',
        };
        const response = await fetch(`${apiUrl}/v1/orders`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ ...order, clientOrderId: `load-${this.runId}-stock-${symbol}` }),
        });
        if (response.status !== 201)
          throw new Error(
            `the first order of ${symbol} was answered ${response.status}: ${await response.text()}`,
          );
      }
    }
  }
}
