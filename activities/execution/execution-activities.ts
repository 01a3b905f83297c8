import type { VenueAdapter } from '../../venues/venue-port';
import type { ExecutionActivities } from './execution.port';
import type { ExecutionGateway } from './gateway';

export interface ExecutionDependencies {
  adapter: VenueAdapter;
  gateway: ExecutionGateway;
}

/**
 * Routing: what order workflows ask of the process that owns the session with their venue. Each answers with what is
 * known, and never fails because the venue cannot be reached.
 */
export function createExecutionActivities({ adapter, gateway }: ExecutionDependencies): ExecutionActivities {
  return {
    routeOrder: (order) => gateway.send(order, () => adapter.send(order)),
    cancelAtVenue: (cancel) => gateway.send(cancel, () => adapter.cancel(cancel)),
    replaceAtVenue: (replace) => gateway.send(replace, () => adapter.replace(replace)),
    askOrderStatus: (order) => gateway.status(order),
  };
}
