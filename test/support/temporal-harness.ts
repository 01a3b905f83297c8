import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { testTemporal } from './servers';
import type { Harness } from './order-harness';

export interface TemporalHarness extends Harness {
  close(): Promise<void>;
}

let installed = false;
/** Only faults of the SDK are of interest in a test's output. */
export function quietTemporal(): void {
  if (!installed) Runtime.install({ logger: new DefaultLogger('ERROR') });
  installed = true;
}

/** A client and a worker connection to the test run's Temporal server; suites keep apart by their task queues. */
export async function openHarness(): Promise<TemporalHarness> {
  quietTemporal();
  const { address } = await testTemporal();
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  return {
    client: new Client({ connection: clientConnection }),
    connection,
    close: async () => {
      await clientConnection.close();
      await connection.close();
    },
  };
}
