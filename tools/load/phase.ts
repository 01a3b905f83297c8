import type { Db } from 'mongodb';
import { drain, type Drained } from './drain';
import { generate, type Generated, type PhasePlan } from './generator';
import { pidsOf } from './links';
import { ordersOf, type SentOrder } from './operation';
import { OrderStreamClient, type Seen } from './order-stream';
import { readRiskTotals, riskBetween, type RiskLatency } from './risk-latency';
import type { LoadedSystem } from './system';
import { Watcher, type Sample, type Usage } from './watcher';

/** A streamed order may follow its view by this much; then it counts as missing. */
const STREAM_MS_MAX = 5_000;
const POLL_MS = 100;

/** Everything that was seen of one phase. */
export interface PhaseRun extends Generated, Drained {
  name: string;
  plan: PhasePlan;
  orders: SentOrder[];
  samples: Sample[];
  /** Risk activity inside the worker; undefined without its metrics or without orders. */
  risk: RiskLatency | undefined;
  /** Processor time by process in this phase with its drain, milliseconds. */
  cpuMs: Record<string, number>;
  /** What the clients of the live stream saw, by order id. */
  streamed: ReadonlyMap<string, Seen>;
  streamLagsMs: readonly number[];
  streamReconnects: number;
}

export interface PhaseOptions {
  prefix: string;
  /** Longest wait for the end of every order. */
  drainMsMax: number;
  /** Runs while the load does, such as cuts of a connection; stops when the signal is aborted. */
  meanwhile?: (over: AbortSignal) => Promise<void>;
}

/** Runs one phase: load, watching, and the wait until every order has ended. */
export async function runPhase(
  system: LoadedSystem,
  db: Db,
  plan: PhasePlan,
  { prefix, drainMsMax, meanwhile }: PhaseOptions,
): Promise<PhaseRun> {
  const { described, target, k6, proxies, workerMetricsUrl } = system;
  const pids = pidsOf(described);
  if (proxies !== undefined) pids.set('toxiproxy', proxies.pid);
  const watcher = new Watcher(db.collection('orders'), pids);
  const streams = target.accounts.map((account) => new OrderStreamClient(target, account));
  const riskTotals = () =>
    workerMetricsUrl === undefined ? Promise.resolve(undefined) : readRiskTotals(workerMetricsUrl);
  const over = new AbortController();
  const riskBefore = await riskTotals();
  const besides = meanwhile?.(over.signal) ?? Promise.resolve();
  watcher.start();
  try {
    const generated = await generate(k6, plan, target, prefix, (pid) => watcher.follow('k6', pid)).finally(
      () => over.abort(),
    );
    await besides;
    const riskAfter = await riskTotals();
    const drained = await drain(() => watcher.openOrders(), target, drainMsMax);
    const orders = ordersOf(generated.operations);
    await streamsCaughtUp(streams, orders);
    return {
      ...generated,
      ...drained,
      name: plan.name,
      plan,
      orders,
      samples: watcher.samples,
      risk:
        riskBefore === undefined || riskAfter === undefined ? undefined : riskBetween(riskBefore, riskAfter),
      cpuMs: cpuOf(watcher.samples),
      streamed: new Map(streams.flatMap(({ seen }) => [...seen])),
      streamLagsMs: streams.flatMap(({ lagsMs }) => lagsMs),
      streamReconnects: streams.reduce((total, { reconnects }) => total + reconnects, 0),
    };
  } finally {
    await Promise.all([watcher.stop(), ...streams.map((stream) => stream.stop())]);
  }
}

async function streamsCaughtUp(
  streams: readonly OrderStreamClient[],
  orders: readonly SentOrder[],
): Promise<void> {
  const deadline = Date.now() + STREAM_MS_MAX;
  const acknowledged = orders.filter(({ outcome }) => outcome === 'acknowledged');
  const isBehind = ({ orderId = '' }: SentOrder): boolean =>
    !streams.some(({ seen }) => seen.get(orderId)?.endedAtMs !== undefined);
  while (acknowledged.some(isBehind) && Date.now() < deadline)
    await new Promise((wake) => setTimeout(wake, POLL_MS));
}

/** Processor time between first and last sample; a generator's last sample is its total. */
function cpuOf(samples: readonly Sample[]): Record<string, number> {
  const first: Record<string, Usage> = {};
  const last: Record<string, Usage> = {};
  for (const { usage } of samples) {
    for (const [name, used] of Object.entries(usage)) {
      first[name] ??= name === 'k6' ? { ...used, cpuMs: 0 } : used;
      last[name] = used;
    }
  }
  return Object.fromEntries(
    Object.entries(last).map(([name, { cpuMs }]) => [name, cpuMs - (first[name]?.cpuMs ?? 0)]),
  );
}
