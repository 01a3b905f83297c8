import { once } from 'node:events';
import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  json: unknown;
}

/**
 * A client that takes as little as it can of the two cores and of the time that it measures: Node's own, on connections
 * that it keeps. `fetch` takes half a millisecond of processor time more for a request, which no client has to.
 */
export class KeptConnections {
  private readonly url: string;
  private readonly key: string;
  private readonly agent = new Agent({ keepAlive: true });

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  /** Sends a JSON text. Throws when there is no answer, or none in JSON. */
  async post(path: string, body: string): Promise<HttpAnswer> {
    const headers = {
      authorization: `Bearer ${this.key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(`${this.url}${path}`, { method: 'POST', agent: this.agent, headers });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, headers: response.headers, json: await json(response) };
  }
}
