import type { Instrument } from '../domain/instrument/instrument';
import type { OrderEvent } from '../domain/order/order-events';
import type { AccountView, FillView, OrderView, PositionView } from '../domain/order/order-view';
import { isMongoUnavailable } from '../storage/availability';
import { collection, type HaltDoc, type IdentityDoc, type InstrumentRecord } from '../storage/collections';
import { fromStored } from '../storage/decimal128';
import type { Mongo } from '../storage/mongo';
import * as accounts from '../storage/queries/accounts';
import { listFills, type FillFilter } from '../storage/queries/fills';
import { listHalts, setHalt, type HaltChange } from '../storage/queries/halts';
import {
  findOrder,
  listEvents,
  listOrders,
  type EventFilter,
  type OrderFilter,
} from '../storage/queries/orders';
import type { Page } from '../storage/queries/page';

export type Halt = Omit<HaltDoc, '_id'>;
/** Who owns a pair for ever, and with what content. */
export interface IdentityFacts {
  account: string;
  clientOrderId: string;
  requestHash: string;
}

/** Everything that the API asks of MongoDB, and the one thing that it decides there (halts). */
export interface Reads {
  /** False while MongoDB is known to be away: nothing should be asked then. */
  ready(): boolean;
  /** Runs a read; `ok: false` when MongoDB could not be asked. Bugs are thrown. */
  orUnavailable<T>(read: () => Promise<T>): Promise<{ ok: true; value: T } | { ok: false }>;
  findOrder(orderId: string): Promise<OrderView | undefined>;
  listOrders(filter: OrderFilter): Promise<Page<OrderView>>;
  listEvents(filter: EventFilter): Promise<Page<OrderEvent>>;
  listFills(filter: FillFilter): Promise<Page<FillView>>;
  listPositions(accounts: readonly string[] | undefined, mark: accounts.Mark): Promise<PositionView[]>;
  readAccount(account: string): Promise<AccountView | undefined>;
  findIdentity(account: string, clientOrderId: string): Promise<IdentityFacts | undefined>;
  findIdentityByOrderId(orderId: string): Promise<IdentityFacts | undefined>;
  listInstruments(): Promise<Instrument[]>;
  listAccounts(): Promise<string[]>;
  listHalts(): Promise<Halt[]>;
  setHalt(change: HaltChange): Promise<void>;
}

export function createReads(mongo: Mongo): Reads {
  const { db } = mongo;
  return {
    ready: () => mongo.ready(),
    orUnavailable: async (read) => {
      if (!mongo.ready()) return { ok: false };
      try {
        return { ok: true, value: await read() };
      } catch (fault) {
        if (isMongoUnavailable(fault)) return { ok: false };
        throw fault;
      }
    },
    findOrder: (orderId) => findOrder(db, orderId),
    listOrders: (filter) => listOrders(db, filter),
    listEvents: (filter) => listEvents(db, filter),
    listFills: (filter) => listFills(db, filter),
    listPositions: (within, mark) => accounts.listPositions(db, within, mark),
    readAccount: (account) => accounts.readAccount(db, account),
    findIdentity: async (account, clientOrderId) =>
      factsOf(await accounts.findIdentity(db, account, clientOrderId)),
    findIdentityByOrderId: async (orderId) => factsOf(await accounts.findIdentityByOrderId(db, orderId)),
    listInstruments: async () => {
      const rows = await collection<InstrumentRecord>(db, 'instruments').find().sort({ _id: 1 }).toArray();
      return rows.map((row) => {
        const { _id, ...instrument } = fromStored<InstrumentRecord>(row);
        return { ...instrument, symbol: _id };
      });
    },
    listAccounts: () => accounts.listAccounts(db),
    listHalts: async () =>
      (await listHalts(db)).map(({ scope, id, halted, by, reason, at }) => ({
        scope,
        id,
        halted,
        by,
        reason,
        at,
      })),
    setHalt: async (change) => void (await setHalt(db, change)),
  };
}

/** The id of the record is the pair; neither part can hold the colon between them. */
function factsOf(identity: IdentityDoc | undefined): IdentityFacts | undefined {
  if (identity === undefined) return undefined;
  const [account = '', clientOrderId = ''] = identity._id.split(':');
  return { account, clientOrderId, requestHash: identity.requestHash };
}
