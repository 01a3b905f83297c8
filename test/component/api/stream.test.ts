import assert from 'node:assert/strict';
import type { OrderView } from '../../../domain/order/order-view';
import { eventually } from '../../support/eventually';
import { startApi, startTwin, type ApiUnderTest } from './api-harness';
import { EventStream, type StreamEvent } from './event-stream';
import { record as recordIn, view } from './recorded-order';

const orderIdOf = ({ data }: StreamEvent): string => (data as OrderView).orderId;

// Goal: a stream shows every change once, from whichever process, and a client that was away misses nothing. Method:
// views are written as the recording activity writes them.
describe('component: order stream', function () {
  this.timeout(60_000);
  let api: ApiUnderTest;
  let streams: EventStream[] = [];
  before(async () => {
    api = await startApi({ worker: false });
  });
  afterEach(() => {
    for (const stream of streams) stream.close();
    streams = [];
  });
  after(async () => {
    await api.stop();
  });

  const record = (order: OrderView): Promise<void> => recordIn(api.mongo.db, order);
  async function open(who: string, query = '', lastEventId?: string): Promise<EventStream> {
    const stream = await EventStream.open(
      `${api.url}/v1/stream/orders${query}`,
      api.keys[who] ?? '',
      lastEventId,
    );
    streams.push(stream);
    return stream;
  }

  it('sends a snapshot, then each change, of the accounts of the key only', async () => {
    await record(view('a1', 'ACC-1', 3));
    await record(view('a2', 'ACC-2', 3));
    const narrow = await open('trader1');
    const wide = await open('trader', '?account=ACC-2');
    assert.equal(narrow.status, 200);
    const [snapshot] = await narrow.take('snapshot', 1);
    const { items, truncated } = snapshot?.data as { items: OrderView[]; truncated: boolean };
    assert.deepEqual(
      items.map((order) => order.orderId),
      ['a1'],
    );
    assert.equal(items[0]?.limitPrice, '182.5');
    assert.equal(truncated, false);
    await wide.take('snapshot', 1);
    await record(view('a1', 'ACC-1', 4));
    await record(view('a2', 'ACC-2', 4));
    await record(view('a3', 'ACC-1', 1));
    assert.deepEqual((await narrow.take('order', 2)).map(orderIdOf), ['a1', 'a3']);
    assert.deepEqual((await wide.take('order', 1)).map(orderIdOf), ['a2']);
  });

  it('resumes after Last-Event-ID with just what was missed', async () => {
    const first = await open('trader');
    const [snapshot] = await first.take('snapshot', 1);
    await record(view('b1', 'ACC-1', 1));
    const [seen] = await first.take('order', 1);
    first.close();
    await record(view('b1', 'ACC-1', 2));
    await record(view('b2', 'ACC-2', 1));
    const resumed = await open('trader', '', seen?.id);
    assert.deepEqual((await resumed.take('order', 2)).map(orderIdOf), ['b1', 'b2']);
    assert.equal(
      resumed.events.some(({ event }) => event === 'snapshot'),
      false,
    );
    const fromSnapshot = await open('trader', '', snapshot?.id);
    assert.deepEqual((await fromSnapshot.take('order', 3)).map(orderIdOf), ['b1', 'b1', 'b2']);
  });

  it('resumes in another process, and answers a position that nobody knows with a snapshot', async () => {
    const first = await open('trader');
    await first.take('snapshot', 1);
    await record(view('c1', 'ACC-1', 1));
    const [seen] = await first.take('order', 1);
    await record(view('c1', 'ACC-1', 2));
    const twin = await startTwin(api, () => true);
    try {
      const there = await EventStream.open(
        `${twin.url}/v1/stream/orders`,
        api.keys['trader'] ?? '',
        seen?.id,
      );
      streams.push(there);
      const [missed] = await there.take('order', 1);
      assert.equal((missed?.data as OrderView).sequence, 2);
      there.close();
    } finally {
      await twin.stop();
    }
    const lost = await open('trader', '', 'bm9uc2Vuc2U');
    await lost.take('snapshot', 1);
  });

  it('ends when the server drains', async () => {
    const stream = await open('trader');
    await stream.take('snapshot', 1);
    api.lifecycle.drain();
    await eventually(() => stream.ended);
    const refused = await api.clients['trader']!.call<{ code: string }>('GET', '/v1/instruments');
    assert.deepEqual([refused.status, refused.body.code], [503, 'SHUTTING_DOWN']);
    const ready = await fetch(`${api.url}/readyz`);
    assert.equal(ready.status, 503);
  });
});
