import type { Connection } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTE_NAMES } from '../../temporal-config/search-attributes';
import { NAMESPACE_RETENTION_HOURS } from '../../temporal-config/dev-server';

const HOUR_MS = 3_600_000;
const POLL_MS = 100;
const KEYWORD = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;

/**
 * Brings a namespace of the embedded server to our schema: retention in years and every search attribute. Doing it
 * again changes nothing. Throws when the server does not show the attributes within `timeLimitMs`.
 */
export async function prepareNamespace(
  connection: Connection,
  namespace: string,
  timeLimitMs: number,
): Promise<void> {
  const deadline = Date.now() + timeLimitMs;
  await whenServed(connection, namespace, deadline);
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msNumberToTs(NAMESPACE_RETENTION_HOURS * HOUR_MS) },
  });
  const missing = await missingAttributes(connection, namespace);
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  while ((await missingAttributes(connection, namespace)).length > 0) {
    if (Date.now() > deadline) throw new Error(`search attributes did not appear within ${timeLimitMs} ms`);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/** A server accepts connections before it has its default namespace. */
async function whenServed(connection: Connection, namespace: string, deadline: number): Promise<void> {
  for (;;) {
    try {
      await connection.workflowService.describeNamespace({ namespace });
      return;
    } catch (fault) {
      if (Date.now() > deadline) throw fault;
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  }
}

async function missingAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTE_NAMES.filter((name) => customAttributes[name] === undefined);
}
