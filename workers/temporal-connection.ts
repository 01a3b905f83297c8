import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from '../observability/logger';

const RETRY_MS = 500;

export interface WorkerConnection {
  connection: NativeConnection;
  namespace: string;
}

/**
 * Connects to Temporal as the environment says (the same settings as the `temporal` command), trying until it is
 * there: a worker that starts before its server is no fault.
 */
export async function connectToTemporal(logger: Logger): Promise<WorkerConnection> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  for (let attempt = 1; ; attempt += 1) {
    try {
      const connection = await NativeConnection.connect(connectionOptions);
      return { connection, namespace: namespace ?? 'default' };
    } catch (fault) {
      if (attempt % 10 === 1)
        logger.warn('Temporal is not reachable yet', {
          address: connectionOptions.address,
          fault: String(fault),
        });
      await new Promise((wake) => setTimeout(wake, RETRY_MS));
    }
  }
}
