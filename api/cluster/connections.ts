import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const POLL_MS = 20;

/** The connections that a worker holds. They come from the primary, because the worker itself listens nowhere. */
export class Connections {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly inFlight = new Set<ServerResponse>();
  private lettingGo = false;

  constructor(server: Server) {
    this.server = server;
    server.prependListener('request', (_request, response) => this.follow(response));
    // The server of Node begins to watch header and request times when it listens, which this one never does.
    server.emit('listening');
  }

  /** Serves a connection of which nothing was read yet. */
  accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    this.server.emit('connection', socket);
  }

  openCount(): number {
    return this.sockets.size;
  }

  /** From now on each answer is the last on its connection, and says so. */
  letGo(): void {
    this.lettingGo = true;
    for (const response of this.inFlight) announceEnd(response);
  }

  /** Closes what waits for a request that may never come. */
  closeIdle(): void {
    this.server.closeIdleConnections();
  }

  closeAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async whenAnswered(): Promise<void> {
    while (this.inFlight.size > 0) await pause(POLL_MS);
  }

  async whenClosed(): Promise<void> {
    while (this.sockets.size > 0) await pause(POLL_MS);
  }

  private follow(response: ServerResponse): void {
    if (this.lettingGo) announceEnd(response);
    this.inFlight.add(response);
    response.once('close', () => this.inFlight.delete(response));
  }
}

function announceEnd(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}

function pause(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
