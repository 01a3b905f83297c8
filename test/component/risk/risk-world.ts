import { decimal, ZERO, type Decimal } from '../../../domain/money/decimal';
import { createRisk } from '../../../activities/risk/risk.activities';
import { createLogger } from '../../../observability/logger';
import {
  collection,
  type RiskLimitsRecord,
  type ExposureRecord,
  type RiskAccountRecord,
} from '../../../storage/collections';
import { fromStored, toStored } from '../../../storage/decimal128';
import { ensureIndexes } from '../../../storage/indexes';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { DEMO_LIMITS, type RiskLimits } from '../../../domain/risk/risk-limits';
import { uniqueName } from '../../support/servers';
import type {
  ApplyExposureInput,
  ReserveInput,
  Risk,
  RiskActivities,
} from '../../../activities/risk/risk.port';
import type { ExposureContribution } from '../../../domain/risk/exposure';

export const RELEASED: ExposureContribution = {
  reservedCash: ZERO,
  reservedPosition: ZERO,
  openBuyQuantity: ZERO,
  cashDelta: ZERO,
  positionDelta: ZERO,
};

/**
 * Patience for machines under load: a look is always waited for, and what a test wants to see unfiled is not filed before
 * it has seen it.
 */
const PACE = { lookMsMax: 10_000, fileAfterMs: 2_000 };

const quote = { symbol: 'IBM', venue: 'XSIM', bid: decimal('99'), ask: decimal('100'), asOf: '' };

/** A database of its own with one or more clients that compete as processes do. */
export class RiskWorld {
  readonly mongo: Mongo;
  /** All of risk in the first process, and its activities. */
  readonly whole: Risk;
  readonly risk: RiskActivities;
  private readonly others: Mongo[] = [];
  private readonly uri: string;
  private readonly database: string;

  private constructor(mongo: Mongo, uri: string, database: string) {
    this.mongo = mongo;
    this.uri = uri;
    this.database = database;
    this.whole = riskOn(mongo);
    this.risk = this.whole.activities;
  }

  static async open(uri: string, database = uniqueName('risk')): Promise<RiskWorld> {
    const mongo = await openMongo({ uri, database });
    await ensureIndexes(mongo.db);
    return new RiskWorld(mongo, uri, database);
  }

  async seed(account: string, cash: string, owned: Record<string, string> = {}): Promise<void> {
    const positions = Object.fromEntries(
      Object.entries(owned).map(([symbol, quantity]) => [
        symbol,
        { quantity: decimal(quantity), reservedSell: ZERO, openBuy: ZERO },
      ]),
    );
    const record: RiskAccountRecord = {
      _id: account,
      currency: 'USD',
      cash: decimal(cash),
      reserved: ZERO,
      positions,
      version: 0,
    };
    await collection<RiskAccountRecord>(this.mongo.db, 'riskAccounts').insertOne(toStored(record));
  }

  async setLimits(change: Partial<RiskLimits> = {}, id = '*'): Promise<void> {
    const record: RiskLimitsRecord = { _id: id, ...DEMO_LIMITS, ...change };
    await collection<RiskLimitsRecord>(this.mongo.db, 'riskLimits').replaceOne(
      { _id: id },
      toStored(record),
      { upsert: true },
    );
  }

  /** Activities as another worker process would have them: a client and a memory of their own. */
  async competitor(): Promise<RiskActivities> {
    return (await this.otherProcess()).activities;
  }

  /** All of risk, as another worker process would have it. */
  async otherProcess(): Promise<Risk> {
    const mongo = await openMongo({ uri: this.uri, database: this.database });
    this.others.push(mongo);
    return riskOn(mongo);
  }

  async account(id: string): Promise<RiskAccountRecord> {
    const stored = await collection<RiskAccountRecord>(this.mongo.db, 'riskAccounts').findOne({ _id: id });
    if (stored === null) throw new Error(`no risk account ${id}`);
    return fromStored<RiskAccountRecord>(stored);
  }

  async exposures(account: string): Promise<ExposureRecord[]> {
    const stored = await this.mongo.db
      .collection<{ _id: string }>('orderExposures')
      .find({ account })
      .toArray();
    return stored.map((doc) => fromStored<ExposureRecord>(doc as never));
  }

  async close(): Promise<void> {
    for (const other of this.others) await other.close();
    if (this.mongo.ready()) await this.mongo.db.dropDatabase();
    await this.mongo.close();
  }
}

function riskOn(mongo: Mongo): Risk {
  const latest = (symbol: string) => ({ ...quote, symbol, receivedAt: new Date().toISOString() });
  return createRisk({
    db: mongo.db,
    marketData: { latest },
    logger: createLogger('test', 'error'),
    pace: PACE,
  });
}

/** A buy of 100 IBM at 100; its reservation is 10,000.10. */
export function buy(account: string, change: Partial<ReserveInput> = {}): ReserveInput {
  return {
    orderId: uniqueName('o'),
    riskVersion: 1,
    sequence: 2,
    account,
    symbol: 'IBM',
    venue: 'XSIM',
    currency: 'USD',
    side: 'buy',
    type: 'limit',
    quantity: decimal('100'),
    cumQty: ZERO,
    limitPrice: decimal('100'),
    multiplier: '1',
    cashDelta: ZERO,
    positionDelta: ZERO,
    enteredBy: 'tester',
    at: new Date().toISOString(),
    ...change,
  };
}

export function applyTo(
  order: ReserveInput,
  sequence: number,
  change: Partial<ExposureContribution> = {},
): ApplyExposureInput {
  const { orderId, account, symbol } = order;
  return { orderId, sequence, account, symbol, contribution: { ...RELEASED, ...change } };
}

export const RESERVATION: Decimal = decimal('10000.1');
