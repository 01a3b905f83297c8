import type { ExecutionReport } from '../domain/order/execution-report';
import type { Price, Quantity } from '../domain/money/decimal';
import type {
  OrderStatusResult,
  SendResult,
  VenueCancel,
  VenueOrder,
  VenueReplace,
} from '../activities/execution/execution.port';

/** The one port behind which every venue hides. An adapter owns one session. */
export interface VenueAdapter {
  readonly venue: string;
  readonly capabilities: VenueCapabilities;
  start(onReports: (reports: ExecutionReport[]) => Promise<void>): Promise<void>;
  send(order: VenueOrder): Promise<SendResult>;
  cancel(cancel: VenueCancel): Promise<SendResult>;
  replace(replace: VenueReplace): Promise<SendResult>;
  status(order: VenueOrder): Promise<OrderStatusResult>;
  sessionState(): 'connected' | 'connecting' | 'down';
  stop(): Promise<void>;
}

export interface VenueCapabilities {
  orderTypes: readonly string[];
  timesInForce: readonly string[];
  /** The venue refuses a ClOrdID that it has seen, for ever; a resend is then harmless. */
  dedupesByClOrdId: boolean;
}

/** Best bid and ask; sizes in units; undefined where a side is empty. */
export interface Quote {
  symbol: string;
  venue: string;
  bid?: Price;
  bidSize?: Quantity;
  ask?: Price;
  askSize?: Quantity;
  last?: Price;
  asOf: string;
  /** Time of the recorded market, when the venue replays one. */
  marketTime?: string;
}

export interface MarketDataPort {
  /** Latest quote, or undefined when none came yet. Freshness is the caller's business: see asOf and receivedAt. */
  latest(symbol: string): (Quote & { receivedAt: string }) | undefined;
  all(): (Quote & { receivedAt: string })[];
  start(): Promise<void>;
  stop(): Promise<void>;
}
