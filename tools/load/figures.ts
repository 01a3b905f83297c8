import { percentile, rounded } from '../bench/statistics';
import type { Operation } from './operation';
import type { PhaseRun } from './phase';
import { atMostMs } from './risk-latency';

export interface Latency {
  count: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}

/** One second of a phase. */
export interface Moment {
  second: number;
  arrivals: number;
  acknowledged: number;
  ended: number;
  ack?: Latency;
  openOrders?: number;
}

/** What a phase showed, in numbers. */
export interface PhaseFigures {
  name: string;
  seconds: number;
  arrivals: number;
  acknowledged: number;
  denied: number;
  refused: number;
  doubtful: number;
  droppedArrivals: number;
  /** Answers that were neither right nor an orderly refusal, by operation and code. */
  errors: Record<string, number>;
  /** Every answer that was no success, by operation and code. */
  answers: Record<string, number>;
  /** Answers 504: the outcome was not known then. */
  openAnswers: number;
  /** 429 or 503 without Retry-After. */
  refusedWithoutRetryAfter: number;
  cancels: { asked: number; accepted: number; sweptAfterwards: number };
  ack: Latency;
  read: Latency;
  risk?: { count: number; meanMs: number; p99AtMostMs: number };
  openOrdersMax: number;
  drainSeconds: number | undefined;
  streamed: { missing: number; lagP50Ms: number; lagP99Ms: number; reconnects: number };
  cpuMsPerOrder: Record<string, number>;
  moments: Moment[];
}

const SUCCESS = new Set([200, 201, 202]);
const REFUSED = new Set([429, 503]);

export function latencyOf(samplesMs: readonly number[]): Latency {
  const at = (share: number): number => rounded(percentile(samplesMs, share));
  return { count: samplesMs.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

/** An answer that says "not yet" to a change of an order that is on its way to the venue is right. */
const isNotYet = ({ op, code }: Operation): boolean =>
  (op === 'cancel' || op === 'amend') && (code === 'ORDER_NOT_OPEN' || code === 'REPLACE_PENDING');

/** The cancel that was repeated after an open answer met an order that has ended. */
const isAfterOpenAnswer = ({ op, code, tries = 1 }: Operation): boolean =>
  op === 'cancel' && tries > 1 && (code === 'ORDER_CLOSED' || code === 'CANCEL_PENDING');

function isError(operation: Operation): boolean {
  const { status, retryAfter } = operation;
  if (SUCCESS.has(status)) return false;
  if (REFUSED.has(status)) return retryAfter === undefined;
  return !isNotYet(operation) && !isAfterOpenAnswer(operation) && !isOpenAnswer(operation);
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

const named = ({ op, status, code }: Operation): string => `${op} ${status} ${code ?? ''}`.trim();

export interface Acknowledgement {
  /** Epoch milliseconds at which the order was first sent. */
  atMs: number;
  /** From there to the answer that took it, repeats and their waits included. */
  ms: number;
}

/** The first answer that took each order: 201, or 200 to a repeat whose first answer left the outcome open. */
export function acknowledgementsOf(operations: readonly Operation[]): Acknowledgement[] {
  const firstSentMs = new Map<number, number>();
  const taken = new Map<number, Acknowledgement>();
  for (const { op, n, at, ms, status } of operations) {
    if (op !== 'submit') continue;
    const atMs = Math.min(at, firstSentMs.get(n) ?? at);
    firstSentMs.set(n, atMs);
    if ((status === 201 || status === 200) && !taken.has(n)) taken.set(n, { atMs, ms: at + ms - atMs });
  }
  return [...taken.values()];
}

/** A submit whose answer says that nobody knows: right in a failure, but not what a healthy system says. */
const isOpenAnswer = ({ op, status }: Operation): boolean =>
  status === 504 && (op === 'submit' || op === 'cancel' || op === 'amend');

function momentsOf(run: PhaseRun): Moment[] {
  const lastMs = Math.max(run.endedAtMs, ...run.samples.map(({ atMs }) => atMs));
  const count = Math.ceil((lastMs - run.startedAtMs) / 1_000);
  const moments: Moment[] = Array.from({ length: count }, (_, second) => ({
    second,
    arrivals: 0,
    acknowledged: 0,
    ended: 0,
  }));
  const momentAt = (atMs: number): Moment | undefined =>
    moments[Math.floor((atMs - run.startedAtMs) / 1_000)];
  const acksMs = new Map<Moment, number[]>();
  for (const { op, at, tries } of run.operations) {
    const sent = momentAt(at);
    if (op === 'submit' && tries === 1 && sent !== undefined) sent.arrivals += 1;
  }
  for (const { atMs, ms } of acknowledgementsOf(run.operations)) {
    const [sent, answered] = [momentAt(atMs), momentAt(atMs + ms)];
    if (answered !== undefined) answered.acknowledged += 1;
    if (sent !== undefined) acksMs.set(sent, [...(acksMs.get(sent) ?? []), ms]);
  }
  const own = new Set(run.orders.map(({ orderId }) => orderId));
  for (const [orderId, { endedAtMs }] of run.streamed) {
    const moment = endedAtMs === undefined || !own.has(orderId) ? undefined : momentAt(endedAtMs);
    if (moment !== undefined) moment.ended += 1;
  }
  for (const { atMs, openOrders } of run.samples) {
    const moment = momentAt(atMs);
    if (moment !== undefined) moment.openOrders = openOrders;
  }
  for (const [moment, samples] of acksMs) moment.ack = latencyOf(samples);
  return moments;
}

function streamedOf({
  orders,
  streamed,
  streamLagsMs,
  streamReconnects,
}: PhaseRun): PhaseFigures['streamed'] {
  const missing = orders.filter(
    ({ outcome, orderId = '' }) =>
      outcome === 'acknowledged' && streamed.get(orderId)?.endedAtMs === undefined,
  );
  const { p50Ms, p99Ms } = latencyOf(streamLagsMs);
  return { missing: missing.length, lagP50Ms: p50Ms, lagP99Ms: p99Ms, reconnects: streamReconnects };
}

/** Sums a phase up. */
export function figuresOf(run: PhaseRun): PhaseFigures {
  const { operations, orders, risk } = run;
  const outcomes = countBy(orders, ({ outcome }) => outcome);
  const acknowledged = outcomes['acknowledged'] ?? 0;
  const cancelled = orders.filter(({ cancel }) => cancel !== 'none');
  const seconds = (run.endedAtMs - run.startedAtMs) / 1_000;
  return {
    name: run.name,
    seconds: rounded(seconds, 1),
    arrivals: orders.length,
    acknowledged,
    denied: outcomes['denied'] ?? 0,
    refused: outcomes['refused'] ?? 0,
    doubtful: outcomes['doubtful'] ?? 0,
    droppedArrivals: run.droppedArrivals,
    errors: countBy(operations.filter(isError), named),
    answers: countBy(
      operations.filter(({ status }) => !SUCCESS.has(status)),
      named,
    ),
    openAnswers: operations.filter(isOpenAnswer).length,
    refusedWithoutRetryAfter: operations.filter(
      ({ status, retryAfter }) => REFUSED.has(status) && retryAfter === undefined,
    ).length,
    cancels: {
      asked: cancelled.length,
      accepted: cancelled.filter(({ cancel }) => cancel === 'accepted').length,
      sweptAfterwards: run.sweptOrders,
    },
    ack: latencyOf(acknowledgementsOf(operations).map(({ ms }) => ms)),
    read: latencyOf(
      operations.filter(({ op, status }) => op === 'read' && status === 200).map(({ ms }) => ms),
    ),
    ...(risk !== undefined && {
      risk: { count: risk.count, meanMs: rounded(risk.meanMs), p99AtMostMs: atMostMs(risk, 0.99) },
    }),
    openOrdersMax: Math.max(0, ...run.samples.map(({ openOrders }) => openOrders)),
    drainSeconds: run.drainMs === undefined ? undefined : rounded(run.drainMs / 1_000, 1),
    streamed: streamedOf(run),
    cpuMsPerOrder: Object.fromEntries(
      Object.entries(run.cpuMs).map(([name, ms]) => [name, rounded(ms / Math.max(1, acknowledged), 1)]),
    ),
    moments: momentsOf(run),
  };
}
