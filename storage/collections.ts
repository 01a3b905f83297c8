import type { Collection, Db } from 'mongodb';
import type { Instrument } from '../domain/instrument/instrument';
import type { InstrumentVersion, Withdrawal } from '../domain/instrument/instrument-versions';
import type { Decimal, Money, Price, Quantity } from '../domain/money/decimal';
import type { Posting } from '../domain/money/ledger';
import type { StoredOrderEvent } from '../domain/order/order-events';
import type { FillView, OrderView } from '../domain/order/order-view';
import type { RiskLimits } from '../domain/risk/risk-limits';
import type { RiskDecision } from '../domain/risk/risk-decision';
import type { ExposureContribution } from '../domain/risk/exposure';
import type { Group } from '../domain/risk/exposure-groups';
import type { PositionState } from '../domain/reporting/position-fold';
import type { Checkpoint } from '../domain/reporting/position-history';
import type { HaltScope } from '../domain/risk/halts';
import type { Stored } from './decimal128';

/** Every collection of the database. A name is used here and nowhere else as a literal. */
export const COLLECTIONS = {
  orderIdentities: 'orderIdentities',
  instruments: 'instruments',
  accounts: 'accounts',
  riskLimits: 'riskLimits',
  halts: 'halts',
  riskAccounts: 'riskAccounts',
  orderExposures: 'orderExposures',
  riskDecisions: 'riskDecisions',
  orderEvents: 'orderEvents',
  orders: 'orders',
  fills: 'fills',
  positions: 'positions',
  accountBalances: 'accountBalances',
  ledger: 'ledger',
  apiKeys: 'apiKeys',
  unmatchedReports: 'unmatchedReports',
  migrations: 'migrations',
  deployAudit: 'deployAudit',
  instrumentAudit: 'instrumentAudit',
  triggers: 'triggers',
  orderLists: 'orderLists',
} as const;
export type CollectionName = keyof typeof COLLECTIONS;

/** Who owns a pair (account, clientOrderId), for ever; `_id` is {@link identityIdOf} the pair. */
export interface IdentityDoc {
  _id: string;
  orderId: string;
  requestHash: string;
  workflowId: string;
  firstRunId: string;
  createdAt: string;
}

/** Reference data of an account; `_id` is the account. */
export interface AccountRecord {
  _id: string;
  currency: string;
  openingCash: Money;
}

/** `_id` is the account, or `*` for accounts without limits of their own. */
export type RiskLimitsRecord = RiskLimits & { _id: string };

/** `_id` is `<scope>:<id>`. */
export interface HaltDoc {
  _id: string;
  scope: HaltScope;
  id: string;
  halted: boolean;
  by: string;
  reason: string;
  at: string;
}

/** What risk counts with; `_id` is the account. Positions are keyed by {@link fieldKey} of the symbol. */
export interface RiskAccountRecord {
  _id: string;
  currency: string;
  cash: Money;
  reserved: Money;
  positions: Record<string, RiskPosition>;
  /** What alternatives of one another hold, by {@link groupKey}; absent on accounts that never had any. */
  groups?: Record<string, Group>;
  /** Orders that were admitted by a write to the account alone and are not filed yet, the oldest first. */
  admitted?: readonly AdmissionRecord[];
  version: number;
}
/** What the admission of an order leaves with its account, until it is filed in the collections of its parts. */
export interface AdmissionRecord {
  identity: IdentityDoc;
  exposure: ExposureRecord;
  decision: RiskDecisionRecord;
}
export interface RiskPosition {
  quantity: Decimal;
  reservedSell: Quantity;
  openBuy: Quantity;
}

/** What one order contributes to its account, and the last decision about it; `_id` is the order id. */
export interface ExposureRecord {
  _id: string;
  account: string;
  symbol: string;
  sequence: number;
  contribution: ExposureContribution;
  /** The group of alternatives that the order belongs to, if to one. */
  group?: string;
  /** Absent when no decision was made before the first contribution arrived. */
  decision?: ExposureDecision;
}
export interface ExposureDecision {
  riskVersion: number;
  sequence: number;
  outcome: 'reserved' | 'denied';
  limitVersion: number;
  unitReserve: Money;
  reasons: RiskDecision['reasons'];
}

/** `_id` is {@link decisionId}. */
export type RiskDecisionRecord = RiskDecision & { _id: string };

/** `_id` is `<orderId>:<seq>`, the sequence padded so that ids sort as the events happened. */
export type OrderEventRecord = StoredOrderEvent & { _id: string };
/** Version of the view documents that are written; see docs/deployment-gates.md for what changed with each. */
export const VIEW_VERSION = 2;
export interface ViewVersion {
  /** Absent on documents of version 1, which did not keep it. */
  schemaVersion?: number;
}
/** `_id` is the order id. */
export type OrderRecord = OrderView & ViewVersion & { _id: string };
/** `_id` is the fill id. `version` is the sequence of the order when the fill last changed. */
export type FillRecord = FillView &
  ViewVersion & {
    _id: string;
    version: number;
    currency: string;
    multiplier: Decimal;
    /** ExecID of the last bust or correction; absent while the fill is as it was reported first. */
    lastExecId?: string;
  };

/** `_id` is `<account>:<symbol>`. */
export interface PositionRecord extends PositionState {
  _id: string;
  account: string;
  symbol: string;
  currency: string;
  multiplier: Decimal;
  settledQuantity: Decimal;
  averagePrice: Price;
  /** A point of the past from which the position can be folded again; absent means from nothing. */
  checkpoint?: Checkpoint;
  /** Grows by one with every write. */
  version: number;
}

/** `_id` is the account. Equal to the sums of the account's cash postings in the ledger plus its opening cash. */
export interface BalanceRecord {
  _id: string;
  currency: string;
  cash: Money;
  settledCash: Money;
  version: number;
}

/** `_id` is the posting id. */
export type LedgerRecord = Omit<Posting, 'postingId'> & { _id: string };

/** A key as it is stored: only its hash. */
export interface ApiKeyDoc {
  _id: string;
  name: string;
  role: string;
  accounts: string[];
  createdAt: string;
  revokedAt?: string;
}

/** How far a migration of the stored data is; `_id` is the migration. */
export interface MigrationDoc {
  _id: string;
  phase: 'expanded' | 'backfilled' | 'contracted';
  /** Where the backfill of each collection goes on: the last id that was done. */
  cursors: Record<string, string>;
  /** Documents that the backfill has changed, all runs together. */
  changed: number;
  /** The least version of views that builds may write; set when the migration is contracted. */
  viewFloor?: number;
  /** ISO 8601 UTC. */
  updatedAt: string;
}

/** One step of a deployment: who did what with which build, when, and why. `_id` is random. */
export interface DeployAuditRecord {
  _id: string;
  at: string;
  by: string;
  /** The command, such as `canary`. */
  command: string;
  /** What was done or decided, such as `ramped` or `rolledBack`. */
  step: string;
  buildId?: string;
  details: Record<string, unknown>;
}

/**
 * Reference data of an instrument; `_id` is the symbol. The rules beside `versions` are those of the day of the last
 * change, for builds that do not know versions; where there are no `versions`, they are the only one.
 */
export type InstrumentRecord = Omit<Instrument, 'symbol'> & {
  _id: string;
  /** Absent on records from before there were versions. */
  revision?: number;
  versions?: readonly InstrumentVersion[];
  withdrawn?: Withdrawal;
};

/** The collection by its name, typed as the record is stored. */
export function collection<T extends { _id: string }>(
  db: Db,
  name: CollectionName,
): Collection<Stored<T> & { _id: string }> {
  return db.collection<Stored<T> & { _id: string }>(COLLECTIONS[name]);
}

/** A posting as the ledger keeps it. */
export function ledgerRecord({ postingId, ...posting }: Posting): LedgerRecord {
  return { _id: postingId, ...posting };
}
