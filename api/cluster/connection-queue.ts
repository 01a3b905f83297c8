import type { Socket } from 'node:net';

/** Connections that wait for a worker; the rest is turned away, because a client that waits long has given up. */
const WAITING_MAX = 1_000;
const WAIT_MS_MAX = 10_000;
const SWEEP_MS = 250;
/** A client that does not read its refusal is cut off. */
const REFUSAL_MS_MAX = 5_000;

const RETRY_AFTER_SECONDS = 2;
const TURNED_AWAY_BODY = JSON.stringify({
  type: 'urn:steadfill:problem:SERVICE_UNAVAILABLE',
  title: 'A part that new orders need is not available; nothing was sent.',
  status: 503,
  detail: 'No API worker is there to take the request; send it again.',
  code: 'SERVICE_UNAVAILABLE',
  errors: [],
  requestId: '',
  retryable: true,
});

/** The answer to a client whose request nobody has read. */
const TURNED_AWAY = [
  'HTTP/1.1 503 Service Unavailable',
  'Content-Type: application/problem+json',
  `Content-Length: ${Buffer.byteLength(TURNED_AWAY_BODY)}`,
  `Retry-After: ${RETRY_AFTER_SECONDS}`,
  'Connection: close',
  '',
  TURNED_AWAY_BODY,
].join('\r\n');

interface Waiting {
  socket: Socket;
  sinceMs: number;
}

/** Holds connections, unread, while no worker can take them: between the death of one and the start of the next. */
export class ConnectionQueue {
  private waiting: Waiting[] = [];
  private readonly sweep: NodeJS.Timeout;
  private readonly nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.nowMs = nowMs;
    this.sweep = setInterval(() => this.turnAwayLate(), SWEEP_MS);
    this.sweep.unref();
  }

  add(socket: Socket): void {
    if (this.waiting.length >= WAITING_MAX) return turnAway(socket);
    this.waiting.push({ socket, sinceMs: this.nowMs() });
  }

  /** Gives out everything that waits, oldest first. */
  takeAll(): Socket[] {
    const sockets = this.waiting.map(({ socket }) => socket);
    this.waiting = [];
    return sockets;
  }

  /** Turns everybody away; nobody will come for them. */
  close(): void {
    clearInterval(this.sweep);
    for (const socket of this.takeAll()) turnAway(socket);
  }

  private turnAwayLate(): void {
    const latestMs = this.nowMs() - WAIT_MS_MAX;
    const late = this.waiting.filter(({ sinceMs }) => sinceMs < latestMs);
    if (late.length === 0) return;
    this.waiting = this.waiting.filter(({ sinceMs }) => sinceMs >= latestMs);
    for (const { socket } of late) turnAway(socket);
  }
}

/** What the client sends is read and dropped: closing a connection with unread bytes would lose the answer. */
function turnAway(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(REFUSAL_MS_MAX, () => socket.destroy());
  socket.resume();
  socket.end(TURNED_AWAY);
}
