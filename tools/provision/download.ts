import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { LIMITS } from './limits';

export interface DownloadLimits {
  connectMs: number;
  responseMs: number;
  stallMs: number;
}

export interface DownloadOptions {
  signal: AbortSignal;
  limits?: DownloadLimits;
  onProgress?: (receivedBytes: number, totalBytes: number | undefined) => void;
}

/** Thrown when a download cannot be completed; the message says what happened at which host. */
export class DownloadError extends Error {
  readonly url: string;
  constructor(url: string, why: string) {
    super(`${new URL(url).host}: ${why}`);
    this.name = 'DownloadError';
    this.url = url;
  }
}

/** Sends a GET and waits for the answer's head, with own bounds for connecting and answering. */
function request(url: string, { signal, limits = LIMITS }: DownloadOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? https.get : http.get;
    const outgoing = send(url, { signal, headers: { 'user-agent': 'steadfill' } });
    const giveUp = (why: string) => (): void => void outgoing.destroy(new Error(why));
    let timer = setTimeout(giveUp(`no connection within ${limits.connectMs} ms`), limits.connectMs);
    outgoing.on('socket', (socket) => {
      const connected = url.startsWith('https:') ? 'secureConnect' : 'connect';
      socket.once(connected, () => {
        clearTimeout(timer);
        timer = setTimeout(giveUp(`no answer within ${limits.responseMs} ms`), limits.responseMs);
      });
    });
    outgoing.on('response', (incoming) => {
      clearTimeout(timer);
      resolve(incoming);
    });
    outgoing.on('error', (fault: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(
        new DownloadError(url, fault.code === 'ENOTFOUND' ? 'the name does not resolve' : fault.message),
      );
    });
  });
}

async function open(url: string, options: DownloadOptions): Promise<IncomingMessage> {
  let at = url;
  for (let hop = 0; hop <= LIMITS.redirectsMax; hop += 1) {
    const incoming = await request(at, options);
    const status = incoming.statusCode ?? 0;
    if (status === 200) return incoming;
    incoming.destroy();
    const { location } = incoming.headers;
    if (status < 300 || status > 399 || location === undefined)
      throw new DownloadError(at, `answered ${status}`);
    const next = new URL(location, at);
    if (at.startsWith('https:') && next.protocol !== 'https:')
      throw new DownloadError(at, 'redirects away from https');
    at = next.href;
  }
  throw new DownloadError(url, `redirects more than ${LIMITS.redirectsMax} times`);
}

/** Yields the body; throws when it stalls, ends early or grows past the bound. */
async function* body(
  url: string,
  incoming: IncomingMessage,
  options: DownloadOptions & { bytesMax: number },
): AsyncGenerator<Buffer> {
  const announced = Number(incoming.headers['content-length'] ?? Number.NaN);
  const total = Number.isNaN(announced) ? undefined : announced;
  const { stallMs } = options.limits ?? LIMITS;
  incoming.setTimeout(stallMs, () => incoming.destroy(new Error(`stalled for ${stallMs} ms`)));
  let received = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > options.bytesMax) throw new Error(`is larger than ${options.bytesMax} bytes`);
      options.onProgress?.(received, total);
      yield chunk;
    }
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault);
    throw new DownloadError(
      url,
      why === 'aborted' ? `truncated: ended after ${received} of ${total ?? '?'} bytes` : why,
    );
  }
  if (total !== undefined && received !== total) {
    throw new DownloadError(url, `truncated: ended after ${received} of ${total} bytes`);
  }
}

/** Downloads into `file` and returns the sha256 of what arrived. Throws DownloadError. */
export async function downloadFile(url: string, file: string, options: DownloadOptions): Promise<string> {
  const hash = createHash('sha256');
  const incoming = await open(url, options);
  const counted = body(url, incoming, { ...options, bytesMax: LIMITS.downloadBytesMax });
  await pipeline(
    counted,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file),
    { signal: options.signal },
  );
  return hash.digest('hex');
}

/** Downloads a small text. Throws DownloadError. */
export async function downloadText(url: string, options: DownloadOptions): Promise<string> {
  const incoming = await open(url, options);
  const chunks: Buffer[] = [];
  for await (const chunk of body(url, incoming, { ...options, bytesMax: LIMITS.checksumFileBytesMax })) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
