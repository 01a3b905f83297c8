import type { OrderEvent } from '../../domain/order/order-events';

/** What changed a fill last. */
export interface FillChange {
  execId: string;
  /** Venue time, ISO 8601 UTC. */
  at: string;
  /** Whether the fill had settled by then, and the change with it: it named no settlement date of its own. */
  settled: boolean;
}

/**
 * The last bust or correction among `events` that belongs to the chain of this fill: each link names the one before
 * it, or the first. Undefined when none does.
 */
export function lastChange(
  fill: { fillId: string; execId: string; lastExecId?: string; settled: boolean },
  events: readonly OrderEvent[],
): FillChange | undefined {
  const chain = new Set([fill.execId, fill.lastExecId]);
  let { settled } = fill;
  let last: FillChange | undefined;
  for (const event of events) {
    if (event.type === 'fillsSettled' && event.fillIds.includes(fill.fillId)) settled = true;
    if (event.type !== 'reportApplied') continue;
    const { kind, execId, execRefId, transactTime, settlementDate, settleAt } = event.report;
    if ((kind !== 'bust' && kind !== 'correct') || execId === undefined || !chain.has(execRefId)) continue;
    chain.add(execId);
    if (settlementDate !== undefined && settleAt !== undefined) settled = false;
    last = { execId, at: transactTime, settled };
  }
  return last;
}
