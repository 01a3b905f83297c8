import { TestWorkflowEnvironment } from '@temporalio/testing';
import { SEARCH_ATTRIBUTE_NAMES } from '../../temporal-config/search-attributes';
import { testTimeSkippingServer } from './servers';
import { quietTemporal } from './temporal-harness';
import type { Harness } from './order-harness';

// IndexedValueType of the Temporal API.
const KEYWORD = 2;

export interface TimeSkipping {
  environment: TestWorkflowEnvironment;
  harness: Harness;
}

/** A time-skipping server of the caller's own, which its `environment.teardown()` stops; its clock runs ahead while it waits. */
export async function openTimeSkipping(): Promise<TimeSkipping> {
  quietTemporal();
  const { path } = await testTimeSkippingServer();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTE_NAMES.map((name) => [name, KEYWORD])),
  });
  return { environment, harness: { client: environment.client, connection: environment.nativeConnection } };
}
