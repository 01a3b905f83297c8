import { createServer, get, type Server } from 'node:http';
import type { Logger } from '../logger';

const RETRY_MS = 500;
const HOST = '127.0.0.1';

export interface MetricsFrontOptions {
  /** `host:port` where Prometheus asks. */
  address: string;
  /** Loopback port where the SDK serves the text. */
  upstreamPort: number;
  logger: Logger;
}

/**
 * Serves `/metrics` at the address of this process. While a predecessor still holds the address, as when a gateway is
 * replaced by its successor, it waits for it: measuring never keeps a process from working. Keeps no process alive.
 */
export function serveMetrics({ address, upstreamPort, logger }: MetricsFrontOptions): { stop(): void } {
  const [host = HOST, port = '0'] = address.split(':');
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    const asked = get({ host: HOST, port: upstreamPort, path: '/metrics' }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, {
        'content-type': answer.headers['content-type'] ?? 'text/plain',
      });
      answer.pipe(response);
    });
    asked.on('error', () => void response.writeHead(502).end());
  });
  let timer: NodeJS.Timeout | undefined;
  let hasTold = false;
  server.on('error', (fault: NodeJS.ErrnoException) => {
    if (!hasTold) logger.warn('Metrics wait for their address', { address, error: fault.message });
    hasTold = true;
    timer = setTimeout(listen, RETRY_MS).unref();
  });
  server.on('listening', () => {
    if (hasTold) logger.info('Metrics are served', { address });
  });
  const listen = (): void => void server.listen(Number(port), host).unref();
  listen();
  return { stop: () => stop(server, timer) };
}

function stop(server: Server, timer: NodeJS.Timeout | undefined): void {
  clearTimeout(timer);
  server.close();
  server.closeAllConnections();
}
