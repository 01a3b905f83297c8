import type { ExecutionReport } from '../domain/order/execution-report';
import type { Price, Quantity } from '../domain/money/decimal';
import type { Tick } from '../domain/order/trigger';
import type { SettlementPolicy } from '../domain/order/order-types';
import type {
  OrderStatusResult,
  SendResult,
  VenueCancel,
  VenueOrder,
  VenueReplace,
} from '../activities/execution/execution.port';

/** Where a report belongs: what we gave with the order and found again. */
export interface ReportAddress {
  orderId: string;
  workflowId: string;
  settlement?: SettlementPolicy;
  /** W3C `traceparent` of the send, so that what the venue says much later continues the order's trace. */
  traceparent?: string;
}

/** A report as it came over the session. Without an address nobody could say whose order it is about. */
export interface ReceivedReport {
  report: ExecutionReport;
  address?: ReportAddress;
}

/** The one port behind which every venue hides. An adapter owns one session. */
export interface VenueAdapter {
  readonly venue: string;
  readonly capabilities: VenueCapabilities;
  /**
   * Opens the session. Reports come in the venue's order, one call at a time; the adapter acknowledges them to the
   * venue (or moves its resume point) only after the promise resolved, and gives them again when it rejected.
   */
  start(onReports: (received: ReceivedReport[]) => Promise<void>): Promise<void>;
  /** At most once a ClOrdID. A repeat answers with every report known for the order. Never throws for the venue's sake. */
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

/** What happened in one symbol since a time. */
export interface TickPage {
  /** The last tick before that time. */
  standing?: Tick;
  /** Ascending; never only a part of the ticks of one time. */
  items: Tick[];
  /** False when the venue does not know any more all that happened since. */
  complete: boolean;
  /** True when there are more than this page holds. */
  more: boolean;
}

/** The market moment by moment, for those who must miss none of it. */
export interface TickSource {
  readonly venue: string;
  /** `onNews` hears which symbols moved; it is told of all of them now and then, so that no news is lost for long. */
  start(onNews: (symbols: readonly string[] | 'all') => void): Promise<void>;
  /** What happened at `since` (ISO 8601 UTC) or later. Throws while the venue cannot be asked. */
  ticks(symbol: string, since: string): Promise<TickPage>;
  stop(): Promise<void>;
}

export interface MarketDataPort {
  /** Latest quote, or undefined when none came yet. Freshness is the caller's business: see asOf and receivedAt. */
  latest(symbol: string): (Quote & { receivedAt: string }) | undefined;
  all(): (Quote & { receivedAt: string })[];
  start(): Promise<void>;
  stop(): Promise<void>;
}
