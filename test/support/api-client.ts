import { eventually } from './eventually';
import type { FillView, OrderView } from '../../domain/order/order-view';

export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  body: T;
}

export interface ProblemBody {
  code: string;
  errors?: { code?: string; pointer?: string; message?: string }[];
  order?: OrderView;
  requestId?: string;
  retryable?: boolean;
}

export interface NewOrder {
  clientOrderId: string;
  account: string;
  symbol: string;
  side: string;
  type: string;
  quantity: string;
  limitPrice?: string;
  timeInForce?: string;
  expireAt?: string;
  displayQuantity?: string;
  pegPriceType?: string;
  pegOffset?: string;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** A client of the public HTTP contract, for tests that see the system as users do. */
export class ApiClient {
  private readonly apiUrl: string;
  private readonly key: string;

  constructor(apiUrl: string, key: string) {
    this.apiUrl = apiUrl;
    this.key = key;
  }

  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  }

  submit(order: NewOrder): Promise<Answer<{ created: boolean; order: OrderView } & ProblemBody>> {
    return this.call('POST', '/v1/orders', order);
  }

  async order(orderId: string): Promise<OrderView> {
    const answer = await this.call<OrderView>('GET', `/v1/orders/${orderId}`);
    if (answer.status !== 200)
      throw new Error(`GET order answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Waits until the order is in one of these states and gives it. */
  reach(orderId: string, states: readonly OrderView['state'][], timeoutMs = 60_000): Promise<OrderView> {
    return eventually(
      async () => {
        const now = await this.order(orderId);
        return states.includes(now.state) ? now : undefined;
      },
      { timeoutMs, what: `order ${orderId} in ${states.join(' or ')}` },
    );
  }

  async fills(orderId: string): Promise<FillView[]> {
    return (await this.call<{ items: FillView[] }>('GET', `/v1/fills?orderId=${orderId}`)).body.items;
  }

  cancel(orderId: string): Promise<Answer<{ order: OrderView } & ProblemBody>> {
    return this.call('DELETE', `/v1/orders/${orderId}`);
  }

  amend(
    orderId: string,
    changes: Record<string, string>,
  ): Promise<Answer<{ order: OrderView } & ProblemBody>> {
    return this.call('PATCH', `/v1/orders/${orderId}`, changes);
  }
}
