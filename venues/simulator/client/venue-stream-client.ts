import { WebSocket, type RawData } from 'ws';
import type { StreamMessage } from '../protocol';
import type { Logger } from '../../../observability/logger';

const BACKOFF_MS = { first: 50, max: 3_000 } as const;
/** The venue sends something every second; this much silence means that the connection is dead. */
const SILENCE_MS_MAX = 5_000;
const CONNECT_MS_MAX = 3_000;
/** Messages that wait for the handler before reading pauses. */
const QUEUE_MAX = 64;

export interface VenueStreamOptions {
  url: string;
  /** Query of each new connection, such as where to continue. */
  query(): Record<string, string>;
  /** Messages one at a time, in order. When it throws, the connection is opened anew. */
  onMessage(message: StreamMessage): Promise<void> | void;
  logger: Logger;
}

export type StreamState = 'connected' | 'connecting' | 'down';

/** A WebSocket to the venue's `/stream` that comes back by itself. */
export class VenueStreamClient {
  private readonly options: VenueStreamOptions;
  private socket: WebSocket | undefined;
  private stopped = true;
  private attempts = 0;
  private retry: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private queue: StreamMessage[] = [];
  private working: Promise<void> | undefined;

  constructor(options: VenueStreamOptions) {
    this.options = options;
  }

  start(): void {
    this.stopped = false;
    this.connect();
  }

  /** Closes the connection and waits for the message in hand. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    this.drop();
    await this.working;
  }

  state(): StreamState {
    if (this.socket?.readyState === WebSocket.OPEN) return 'connected';
    return this.stopped || this.attempts > 1 ? 'down' : 'connecting';
  }

  private connect(): void {
    const url = new URL('/stream', this.options.url);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    for (const [name, value] of Object.entries(this.options.query())) url.searchParams.set(name, value);
    const socket = new WebSocket(url, { handshakeTimeout: CONNECT_MS_MAX, perMessageDeflate: false });
    this.socket = socket;
    this.attempts += 1;
    socket.on('open', () => {
      this.options.logger.info('The venue stream is open', { attempts: this.attempts });
      this.attempts = 0;
      this.watchSilence(socket);
    });
    socket.on('message', (data) => {
      this.watchSilence(socket);
      this.take(socket, data);
    });
    socket.on('error', (fault) => {
      if (this.attempts <= 1) this.options.logger.warn('The venue stream broke', { fault: fault.message });
    });
    socket.on('close', () => {
      if (this.socket === socket) this.reconnect();
    });
  }

  private reconnect(): void {
    this.drop();
    if (this.stopped) return;
    const ceiling = Math.min(BACKOFF_MS.max, BACKOFF_MS.first * 2 ** Math.min(this.attempts, 10));
    // Readers that were cut off together must not all come back together.
    const delayMs = ceiling / 2 + (Math.random() * ceiling) / 2;
    this.retry = setTimeout(() => this.connect(), delayMs);
  }

  private drop(): void {
    clearTimeout(this.silence);
    const { socket } = this;
    this.socket = undefined;
    this.queue = [];
    socket?.terminate();
  }

  private watchSilence(socket: WebSocket): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => socket.terminate(), SILENCE_MS_MAX);
  }

  private take(socket: WebSocket, data: RawData): void {
    if (this.socket !== socket) return;
    // With the default binary type a message is one Buffer.
    this.queue.push(JSON.parse((data as Buffer).toString('utf8')) as StreamMessage);
    if (this.queue.length >= QUEUE_MAX) socket.pause();
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  private async work(): Promise<void> {
    for (let message = this.queue.shift(); message !== undefined; message = this.queue.shift()) {
      const { socket } = this;
      try {
        await this.options.onMessage(message);
      } catch (fault) {
        this.options.logger.warn('A message of the venue stream was not taken; continuing from before it', {
          fault,
        });
        if (this.socket === socket) this.reconnect();
        return;
      }
      if (socket?.isPaused === true && this.queue.length < QUEUE_MAX / 2) socket.resume();
    }
  }
}
