import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Client, Connection, type ClientOptions } from '@temporalio/client';

/** After a restart of Temporal the next call goes through within this time. */
const RECONNECT_MS_MAX = 1_000;
const RECONNECT_MS_MIN = 100;

export interface TemporalClientOptions {
  plugins?: ClientOptions['plugins'];
  /** Overrides of what the environment says, for tests. */
  address?: string;
  namespace?: string;
}

/**
 * A client that connects when it is first used and again whenever it has to. It never repeats a call by itself:
 * whether an order may have been started is only known to a caller that sees each attempt.
 */
export function connectLazily(options: TemporalClientOptions = {}): Client {
  const fromEnvironment = loadClientConnectConfig();
  const connection = Connection.lazy({
    ...fromEnvironment.connectionOptions,
    ...(options.address === undefined ? {} : { address: options.address }),
    interceptors: [],
    channelArgs: {
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MS_MIN,
      'grpc.min_reconnect_backoff_ms': RECONNECT_MS_MIN,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX,
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 15_000,
    },
  });
  return new Client({
    connection,
    namespace: options.namespace ?? fromEnvironment.namespace ?? 'default',
    ...(options.plugins === undefined ? {} : { plugins: options.plugins }),
  });
}
