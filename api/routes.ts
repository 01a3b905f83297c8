import { executionRoutes } from './execution/execution.routes';
import type { Route } from './http/route';
import { summaryRoutes, type SummaryDependencies } from './ops/live/summary.routes';
import { instrumentRoutes } from './order-entry/instrument.routes';
import { listRoutes } from './order-entry/lists/list.routes';
import { orderEntryRoutes } from './order-entry/order-entry.routes';
import { timelineRoutes } from './ops/timeline/timeline.routes';
import { reportingRoutes } from './reporting/reporting.routes';
import { riskRoutes } from './risk/risk.routes';
import type { Services } from './services';
import { settlementRoutes } from './settlement/settlement.routes';

/** The table of all routes that need a key: permissions, entitlements, schemas and handlers in one place. */
export function allRoutes(services: Services, live: SummaryDependencies): Route[] {
  return [
    ...orderEntryRoutes(services),
    ...instrumentRoutes(services),
    ...listRoutes(services),
    ...riskRoutes(services),
    ...executionRoutes(services),
    ...settlementRoutes(services),
    ...reportingRoutes(services),
    ...timelineRoutes(services),
    ...summaryRoutes(live),
  ];
}
