import { Agent, request } from 'node:http';

export interface Sent {
  status: number;
  code?: string;
  retryAfter?: string;
  body: unknown;
}

const REQUEST_MS_MAX = 30_000;
/** What a request fails with that was neither answered nor broken. */
export const NO_ANSWER = 'no answer in time';

/** One request on `agent`. Rejects when the connection breaks: that is what a deploy must not cause. */
export function send(
  url: string,
  key: string,
  agent: Agent,
  method: string,
  path: string,
  body?: object,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request(
      new URL(path, url),
      {
        method,
        agent,
        timeout: REQUEST_MS_MAX,
        headers: {
          authorization: `Bearer ${key}`,
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
        },
      },
      (incoming) => {
        let answer = '';
        incoming.on('data', (chunk) => (answer += String(chunk)));
        incoming.on('end', () => {
          const parsed: unknown = JSON.parse(answer);
          const { code } = parsed as { code?: string };
          const retryAfter = incoming.headers['retry-after'];
          resolve({
            status: incoming.statusCode ?? 0,
            body: parsed,
            ...(code !== undefined && { code }),
            ...(retryAfter !== undefined && { retryAfter }),
          });
        });
        incoming.on('error', reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(NO_ANSWER)));
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/**
 * Sends requests without a pause on several lanes, some of which keep their connection and some of which open a new
 * one for each request, until it is stopped. Every answer and every broken connection is kept.
 */
export class RequestStream {
  readonly answers: Sent[] = [];
  readonly faults: string[] = [];
  private readonly agents: Agent[] = [];
  private readonly lanes: Promise<void>[] = [];
  private stopped = false;
  private count = 0;

  constructor(url: string, key: string, lanes: { kept: number; fresh: number }, prefix: string) {
    for (let lane = 0; lane < lanes.kept + lanes.fresh; lane += 1) {
      const agent = new Agent({ keepAlive: lane < lanes.kept, maxSockets: 1 });
      this.agents.push(agent);
      this.lanes.push(this.run(url, key, agent, `${prefix}-${lane}`));
    }
  }

  /** Answers that are not a success, as text. */
  refusals(): string[] {
    const refused = this.answers.filter(({ status }) => status >= 300);
    return refused.map(({ status, body }) => `${status} ${JSON.stringify(body)}`);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.lanes);
    for (const agent of this.agents) agent.destroy();
  }

  private async run(url: string, key: string, agent: Agent, name: string): Promise<void> {
    while (!this.stopped) {
      this.count += 1;
      const isOrder = this.count % 2 === 0;
      try {
        const answer = isOrder
          ? await send(url, key, agent, 'POST', '/v1/orders', orderOf(`${name}-${this.count}`))
          : await send(url, key, agent, 'GET', '/v1/orders?account=ACC-1&limit=1');
        this.answers.push(answer);
      } catch (fault) {
        this.faults.push(String(fault));
      }
    }
  }
}

export function orderOf(clientOrderId: string): object {
  return {
    clientOrderId,
    account: 'ACC-1',
    symbol: 'IBM',
    side: 'buy',
    type: 'market',
    quantity: '1',
    timeInForce: 'day',
  };
}
