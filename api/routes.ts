import { executionRoutes } from './execution/execution.routes';
import type { Route } from './http/route';
import { orderEntryRoutes } from './order-entry/order-entry.routes';
import { timelineRoutes } from './ops/timeline/timeline.routes';
import { reportingRoutes } from './reporting/reporting.routes';
import { riskRoutes } from './risk/risk.routes';
import type { Services } from './services';
import { settlementRoutes } from './settlement/settlement.routes';

/** The table of all routes under /v1: permissions, entitlements, schemas and handlers in one place. */
export function allRoutes(services: Services): Route[] {
  return [
    ...orderEntryRoutes(services),
    ...riskRoutes(services),
    ...executionRoutes(services),
    ...settlementRoutes(services),
    ...reportingRoutes(services),
    ...timelineRoutes(services),
  ];
}
