import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { SIMULATOR_VENUE, type StreamMessage } from '../protocol';
import type { VenueHost, VenueListener } from './venue-host';
import type { Logger } from '../../../observability/logger';

const PATH = '/stream';
const HEARTBEAT_MS = 1_000;
/** Reports in one message, and bytes that may wait for a slow reader before it is cut off. */
const REPORTS_PER_MESSAGE_MAX = 500;
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;
const SESSIONS_MAX = 100;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;
const GOING_AWAY = 1001;

/**
 * The WebSocket `/stream`: execution reports in their one sequence, and quotes. `?from=N` continues after report N,
 * and without it reports begin with the next one; `reports=0` or `quotes=0` leave them out. A reader that is too
 * slow is cut off and continues where it was.
 */
export function attachVenueStream(server: Server, host: VenueHost, logger: Logger): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://venue');
    if (url.pathname !== PATH) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (client) => {
      if (sockets.clients.size > SESSIONS_MAX) return client.close(TRY_AGAIN_LATER, 'too many sessions');
      const from = url.searchParams.get('from');
      if (from !== null && !/^\d{1,15}$/.test(from)) {
        return client.close(POLICY_VIOLATION, 'from must be a sequence number');
      }
      const wants = (name: string): boolean => url.searchParams.get(name) !== '0';
      const cursor = !wants('reports') ? undefined : from === null ? host.committedSeq : Number(from);
      openSession(client, host, logger, { cursor, quotes: wants('quotes') });
    });
  });
  return {
    close: () => {
      for (const client of sockets.clients) client.close(GOING_AWAY, 'the venue is stopping');
      sockets.close();
    },
  };
}

interface SessionOptions {
  /** Sequence number of the last report that the reader has; undefined when it wants none. */
  cursor: number | undefined;
  quotes: boolean;
}

function openSession(client: WebSocket, host: VenueHost, logger: Logger, options: SessionOptions): void {
  const session = new StreamSession(client, host, options);
  const unlisten = host.listen(session);
  const heartbeat = setInterval(() => session.beat(), HEARTBEAT_MS);
  client.on('error', (fault) => logger.debug('A stream broke', { fault: fault.message }));
  client.on('close', () => {
    clearInterval(heartbeat);
    unlisten();
  });
  session.begin();
}

class StreamSession implements VenueListener {
  private readonly client: WebSocket;
  private readonly host: VenueHost;
  private readonly wantsQuotes: boolean;
  private cursor: number | undefined;
  private sending = false;

  constructor(client: WebSocket, host: VenueHost, { cursor, quotes }: SessionOptions) {
    this.client = client;
    this.host = host;
    this.cursor = cursor;
    this.wantsQuotes = quotes;
  }

  begin(): void {
    const { epoch } = this.host.engine.state;
    this.send({ type: 'hello', venue: SIMULATOR_VENUE, epoch, seq: this.host.committedSeq });
    if (this.wantsQuotes) this.send({ type: 'quotes', quotes: this.host.allQuotes() });
    this.onReports();
  }

  beat(): void {
    this.send({ type: 'heartbeat', at: new Date().toISOString(), seq: this.host.committedSeq });
  }

  onQuotes(symbols: readonly string[]): void {
    if (!this.wantsQuotes || symbols.length === 0) return;
    const quotes = this.host.allQuotes().filter(({ symbol }) => symbols.includes(symbol));
    this.send({ type: 'quotes', quotes });
  }

  /** Sends on from the cursor, one message at a time, so that backlog and live reports keep their one order. */
  onReports(): void {
    const { cursor, host } = this;
    if (this.sending || cursor === undefined || cursor >= host.committedSeq) return;
    const end = Math.min(host.committedSeq, cursor + REPORTS_PER_MESSAGE_MAX);
    const reports = host.engine.state.log.slice(cursor, end);
    this.sending = true;
    this.client.send(`{"type":"reports","reports":[${reports.join(',')}]}`, (fault) => {
      this.sending = false;
      if (fault !== undefined && fault !== null) return this.client.terminate();
      this.cursor = end;
      this.onReports();
    });
  }

  private send(message: StreamMessage): void {
    if (this.client.bufferedAmount > BUFFERED_BYTES_MAX) return this.client.terminate();
    this.client.send(JSON.stringify(message));
  }
}
