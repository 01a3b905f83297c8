import assert from 'node:assert/strict';
import { createListRecordActivities } from '../../../activities/reporting/list-record.activities';
import { ListReader, type ReadList } from '../../../api/order-entry/lists/list-reader';
import { OrderReader } from '../../../api/order-entry/order-reader';
import { createReads } from '../../../api/reads';
import { ListGateway } from '../../../api/temporal/list-gateway';
import { OrderGateway } from '../../../api/temporal/order-gateway';
import { connectLazily } from '../../../api/temporal/temporal-client';
import type { ListOutline, ListView } from '../../../domain/order-list/list-view';
import { ensureIndexes } from '../../../storage/indexes';
import { eventually } from '../../support/eventually';
import { uniqueName } from '../../support/servers';
import { startApi, type ApiUnderTest } from './api-harness';

const NOWHERE = '127.0.0.1:9';
interface Page {
  items: (ListView & { createdAt: string })[];
  nextCursor: string | null;
}

// Goal: lists are there for those who read while Temporal is away, and after it has forgotten them. Method: the real API
// and list workflow over real servers, and a reader whose Temporal nobody answers.
describe('component: records of lists', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  let away: ReturnType<typeof connectLazily>;
  let withoutTemporal: (listId: string) => Promise<ReadList>;

  before(async () => {
    api = await startApi();
    await ensureIndexes(api.mongo.db);
    away = connectLazily({ address: NOWHERE });
    const reads = createReads(api.mongo);
    const gateway = new OrderGateway(away, api.taskQueue);
    const lists = new ListGateway(away, api.taskQueue, 2_000);
    const reader = new ListReader(reads, lists, new OrderReader(reads, gateway));
    withoutTemporal = (listId) => reader.read('ACC-1', listId);
  });
  after(async () => {
    await away?.connection.close();
    await api?.stop();
  });

  async function submit(account = 'ACC-1'): Promise<string> {
    const listId = uniqueName('l');
    const order = { symbol: 'IBM', side: 'buy', type: 'limit', quantity: '100', limitPrice: '182.5' };
    const orders = [1, 2].map((leg) => ({ ...order, clientOrderId: `${listId}-${leg}` }));
    const answer = await api.clients['trader']!.call('POST', '/v1/lists', { listId, account, orders });
    assert.equal(answer.status, 207, JSON.stringify(answer.body));
    return listId;
  }

  const recorded = (listId: string, isEnough: (list: ListView) => boolean): Promise<ListView> =>
    eventually(
      async () => {
        const read = await withoutTemporal(listId);
        return read.kind === 'list' && isEnough(read.list) ? read.list : undefined;
      },
      { what: `the record of ${listId}` },
    );

  it('shows a list that is open, and one that is done, without Temporal', async () => {
    const listId = await submit();
    const open = await recorded(listId, ({ listOrderStatus }) => listOrderStatus === 'executing');
    assert.deepEqual(
      open.orders.map(({ phase, entry }) => [phase, entry]),
      [
        ['working', 'accepted'],
        ['working', 'accepted'],
      ],
    );
    const path = `/v1/lists/${listId}?account=ACC-1`;
    assert.equal((await api.clients['trader']!.call('DELETE', path)).status, 202);
    const done = await recorded(listId, ({ listOrderStatus }) => listOrderStatus === 'allDone');
    assert.equal(done.cancelledBy, 'trader');
    const shown = await api.clients['trader']!.call<ListView>('GET', path);
    assert.equal(shown.body.listOrderStatus, 'allDone');
    await api.temporal.workflow.getHandle(done.workflowId).result();
    assert.deepEqual(await withoutTemporal(uniqueName('nobody')), { kind: 'unavailable' });
  });

  it('pages through lists, newest first, within the accounts of the key', async () => {
    const ids = [await submit(), await submit(), await submit()];
    const foreign = await submit('ACC-2');
    for (const listId of ids) await recorded(listId, () => true);
    const page = (query: string, who = 'trader1') =>
      api.clients[who]!.call<Page>('GET', `/v1/lists?limit=2${query}`);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { status, body } = await page(cursor);
      assert.equal(status, 200);
      assert.ok(body.items.length <= 2);
      seen.push(...body.items.map(({ listId }) => listId));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    assert.deepEqual(
      seen.filter((listId) => ids.includes(listId)),
      [...ids].reverse(),
    );
    assert.ok(!seen.includes(foreign));
    assert.equal((await page('&account=ACC-2')).status, 403);
    assert.equal((await page('&cursor=nonsense')).status, 400);
  });

  it('never lets an older record replace a newer one', async () => {
    const { recordList } = createListRecordActivities({ db: api.mongo.db });
    const listId = uniqueName('l');
    const outline: ListOutline = {
      listId,
      account: 'ACC-1',
      contingency: 'none',
      listOrderStatus: 'executing',
      cancelledBy: null,
      alerts: [],
      orders: [],
      workflowId: `list:ACC-1:${listId}`,
    };
    const at = '2026-01-05T15:00:00.000Z';
    const facts = { enteredBy: 'tester', requestHash: 'h', createdAt: at, updatedAt: at };
    await recordList({ ...facts, revision: 2, outline: { ...outline, listOrderStatus: 'allDone' } });
    await recordList({ ...facts, revision: 1, outline });
    await recordList({ ...facts, revision: 2, outline });
    const read = await withoutTemporal(listId);
    assert.equal(read.kind === 'list' && read.list.listOrderStatus, 'allDone');
  });
});
