import { Agent, request } from 'node:http';
import { context, propagation } from '@opentelemetry/api';

const SOCKETS_MAX = 32;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const CONNECT_FAULTS = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
];

/**
 * What became of a call. `notSent`: no connection came about, so nothing left. `doubtful`: it may have arrived, and
 * the answer did not.
 */
export type CallResult =
  | { outcome: 'answered'; status: number; body: unknown }
  | { outcome: 'notSent'; reason: string }
  | { outcome: 'doubtful'; reason: string };

/** HTTP calls to the venue over kept connections. Never throws for the network's sake. */
export class VenueHttp {
  private readonly base: URL;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });

  constructor(url: string) {
    this.base = new URL(url);
  }

  call(method: string, path: string, timeoutMs: number, body?: unknown): Promise<CallResult> {
    return new Promise((resolve) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers: Record<string, string | number> = {};
      propagation.inject(context.active(), headers);
      if (text !== undefined) {
        headers['content-type'] = 'application/json';
        headers['content-length'] = Buffer.byteLength(text);
      }
      const outgoing = request(
        new URL(path, this.base),
        { method, agent: this.agent, timeout: timeoutMs, headers },
        (incoming) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          incoming.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > ANSWER_BYTES_MAX) outgoing.destroy(new Error('the answer is too large'));
            else chunks.push(chunk);
          });
          incoming.on('end', () => resolve(readAnswer(incoming.statusCode ?? 0, Buffer.concat(chunks))));
          incoming.on('error', (fault) => resolve({ outcome: 'doubtful', reason: fault.message }));
        },
      );
      // A socket timeout only counts silence; this bounds the whole call.
      const limit = setTimeout(() => outgoing.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
      outgoing.on('close', () => clearTimeout(limit));
      outgoing.on('error', (fault: NodeJS.ErrnoException) => {
        const reason = `${fault.code ?? fault.name}: ${fault.message}`;
        resolve({ outcome: CONNECT_FAULTS.includes(fault.code ?? '') ? 'notSent' : 'doubtful', reason });
      });
      outgoing.end(text);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

function readAnswer(status: number, content: Buffer): CallResult {
  try {
    return { outcome: 'answered', status, body: JSON.parse(content.toString('utf8')) as unknown };
  } catch (fault) {
    return { outcome: 'doubtful', reason: `status=${status}: ${(fault as Error).message}` };
  }
}
