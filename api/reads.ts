import type { VersionedInstrument } from '../domain/instrument/instrument-versions';
import type { OrderEvent } from '../domain/order/order-events';
import type { AccountView, FillView, OrderView, PositionView } from '../domain/order/order-view';
import { isMongoUnavailable } from '../storage/availability';
import type { HaltDoc, IdentityDoc } from '../storage/collections';
import type { Mongo } from '../storage/mongo';
import * as accounts from '../storage/queries/accounts';
import * as admissions from '../storage/queries/admissions';
import { listFills, type FillFilter } from '../storage/queries/fills';
import { listHalts, type HaltChange } from '../storage/queries/halts';
import * as instruments from '../storage/queries/instruments';
import { findList, listLists, type KeptList, type ListFilter } from '../storage/queries/order-lists';
import {
  findOrder,
  listEvents,
  listOrders,
  type EventFilter,
  type OrderFilter,
} from '../storage/queries/orders';
import type { Page, PageRequest } from '../storage/queries/page';

export type Halt = Omit<HaltDoc, '_id'>;
/** Who owns a pair for ever, and with what content. */
export interface IdentityFacts {
  account: string;
  clientOrderId: string;
  requestHash: string;
}

/** Everything that the API asks of MongoDB, and the two things that it decides there (halts and instruments). */
export interface Reads {
  /** False while MongoDB is known to be away: nothing should be asked then. */
  ready(): boolean;
  /** Runs a read; `ok: false` when MongoDB could not be asked. Bugs are thrown. */
  orUnavailable<T>(read: () => Promise<T>): Promise<{ ok: true; value: T } | { ok: false }>;
  findOrder(orderId: string): Promise<OrderView | undefined>;
  listOrders(filter: OrderFilter): Promise<Page<OrderView>>;
  findList(account: string, listId: string): Promise<KeptList | undefined>;
  listLists(filter: ListFilter): Promise<Page<KeptList>>;
  listEvents(filter: EventFilter): Promise<Page<OrderEvent>>;
  listFills(filter: FillFilter): Promise<Page<FillView>>;
  listPositions(accounts: readonly string[] | undefined, mark: accounts.Mark): Promise<PositionView[]>;
  readAccount(account: string): Promise<AccountView | undefined>;
  findIdentity(account: string, clientOrderId: string): Promise<IdentityFacts | undefined>;
  findIdentityByOrderId(orderId: string): Promise<IdentityFacts | undefined>;
  listInstruments(): Promise<VersionedInstrument[]>;
  findInstrument(symbol: string): Promise<VersionedInstrument | undefined>;
  /** Changes and halts with their audit trail; `stale` when somebody was faster, and then nothing was written. */
  writeInstruments(
    changes: readonly instruments.InstrumentWrite[],
    halts: readonly instruments.HaltWrite[],
  ): Promise<'written' | 'stale'>;
  listInstrumentAudit(filter: PageRequest & { symbol: string }): Promise<Page<instruments.InstrumentAudit>>;
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
    findList: (account, listId) => findList(db, account, listId),
    listLists: (filter) => listLists(db, filter),
    listEvents: (filter) => listEvents(db, filter),
    listFills: (filter) => listFills(db, filter),
    listPositions: (within, mark) => accounts.listPositions(db, within, mark),
    readAccount: (account) => accounts.readAccount(db, account),
    findIdentity: async (account, clientOrderId) =>
      factsOf(await admissions.findIdentity(db, account, clientOrderId)),
    findIdentityByOrderId: async (orderId) => factsOf(await admissions.findIdentityByOrderId(db, orderId)),
    listInstruments: () => instruments.listInstruments(db),
    findInstrument: (symbol) => instruments.findInstrument(db, symbol),
    writeInstruments: (changes, halts) => instruments.writeInstruments(db, changes, halts),
    listInstrumentAudit: (filter) => instruments.listInstrumentAudit(db, filter),
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
    setHalt: (change) => instruments.setHaltOnRecord(db, change),
  };
}

/** The id of the record is the pair; neither part can hold the colon between them. */
function factsOf(identity: IdentityDoc | undefined): IdentityFacts | undefined {
  if (identity === undefined) return undefined;
  const [account = '', clientOrderId = ''] = identity._id.split(':');
  return { account, clientOrderId, requestHash: identity.requestHash };
}
