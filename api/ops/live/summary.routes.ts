import type { Principal } from '../../auth/permissions';
import { answer, defineRoute, type Route } from '../../http/route';
import type { SystemMonitor } from '../monitor/system-monitor';
import type { LiveSampler } from './live-sampler';
import { summarise } from './summarise';
import { summarySchema, type Summary } from './summary.schemas';

const WINDOW_MS = 60_000;
/** All readers of one second get one summary. */
const FRESH_MS = 1_000;

export interface SummaryDependencies {
  monitor: SystemMonitor;
  sampler: LiveSampler;
  venues: readonly string[];
  nowMs: () => number;
}

/** What the page `/ops` shows, as JSON. */
export function summaryRoutes(dependencies: SummaryDependencies): Route[] {
  let last: { atMs: number; made: Promise<Omit<Summary, 'viewer'>> } | undefined;
  return [
    defineRoute({
      method: 'get',
      path: '/ops/summary',
      operationId: 'getOperationsSummary',
      summary: 'See how the system is',
      tag: 'Operations',
      permission: 'readOperations',
      entitlement: 'firm',
      limit: 'reads',
      answers: { 200: { description: 'The live state', schema: summarySchema } },
      handle: async ({ principal }) => {
        const nowMs = dependencies.nowMs();
        if (last === undefined || nowMs - last.atMs > FRESH_MS) {
          last = { atMs: nowMs, made: makeSummary(dependencies) };
        }
        return answer(200, { ...(await last.made), viewer: viewerOf(principal) });
      },
    }),
  ];
}

const viewerOf = ({ name, role }: Principal): Summary['viewer'] => ({ name, role });

async function makeSummary({
  monitor,
  sampler,
  venues,
}: SummaryDependencies): Promise<Omit<Summary, 'viewer'>> {
  const [state, now] = await Promise.all([monitor.read(), sampler.newest()]);
  const before = sampler.before(now, WINDOW_MS);
  return summarise({ state, now, before, history: sampler.history(), venues });
}
