import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { WebSocket } from 'ws';
import { createLogger } from '../../../observability/logger';
import { readVenueSettings } from '../../../venues/simulator/settings';
import { createDayEnd, startSimulator, type RunningSimulator } from '../../../venues/simulator/simulator';
import { eventually } from '../../support/eventually';
import type { EntryAnswer, StreamMessage, WireReport } from '../../../venues/simulator/protocol';

// Goal: what others meet who talk to the venue. Method: the venue in this process, over its real HTTP and WebSocket.
describe('venue over HTTP and WebSocket', () => {
  let home = '';
  let venue: RunningSimulator;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'steadfill-venue-http-'));
    const env = { STEADFILL_VENUE_PORT: '0', STEADFILL_VENUE_DATA_DIR: home };
    const settings = readVenueSettings(env, ['--manual']);
    venue = await startSimulator(settings, createLogger('test', 'error'), (fault) =>
      assert.fail(String(fault)),
    );
  });
  after(async () => {
    await venue.stop();
    await rm(home, { recursive: true });
  });

  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: T }> => {
    const headers = { 'content-type': 'application/json' };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(venue.url + path, {
      method,
      ...(body !== undefined && { headers, body: text }),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  const order = {
    symbol: 'IBM',
    side: 'buy',
    type: 'limit',
    quantity: '100',
    limitPrice: '170.00',
    timeInForce: 'gtc',
  };

  it('names each fault of a malformed request, and leaves its id free', async () => {
    const cases: [unknown, RegExp][] = [
      ['{"clOrdId":', /JSON/],
      [{ ...order }, /clOrdId/],
      [{ ...order, clOrdId: 'has space' }, /clOrdId: must match/],
      [{ ...order, clOrdId: 'm1', quantity: 100 }, /quantity/],
      [{ ...order, clOrdId: 'm1', limitPrice: '1e3' }, /limitPrice: must be a plain decimal/],
      [{ ...order, clOrdId: 'm1', side: 'hold' }, /side/],
      [{ ...order, clOrdId: 'm1', colour: 'red' }, /colour/],
    ];
    for (const [body, message] of cases) {
      const answer = await call<{ code: string; message: string }>('POST', '/orders', body);
      assert.equal(answer.status, 400, JSON.stringify(body));
      assert.match(answer.body.message, message);
    }
    assert.equal((await call('GET', '/orders/m1')).status, 404);
    assert.equal((await call('GET', '/nowhere')).status, 404);
  });

  it('takes, shows, replaces and cancels an order, and answers a repeat with what is', async () => {
    const first = await call<EntryAnswer>('POST', '/orders', { ...order, clOrdId: 'h1', clientRef: 'mine' });
    assert.equal(first.status, 201);
    assert.equal(first.body.order?.limitPrice, '170');
    assert.equal(first.body.reports[0]?.clientRef, 'mine');
    const repeat = await call<EntryAnswer>('POST', '/orders', { ...order, clOrdId: 'h1', quantity: '7' });
    assert.equal(repeat.status, 200);
    assert.equal(repeat.body.duplicate, true);
    assert.equal(repeat.body.order?.quantity, '100');
    const replaced = await call<EntryAnswer>('POST', '/orders/h1/replace', {
      clOrdId: 'h2',
      quantity: '60',
      limitPrice: '170',
    });
    assert.deepEqual(
      replaced.body.reports.map(({ kind }) => kind),
      ['replaced'],
    );
    const cancelled = await call<EntryAnswer>('DELETE', '/orders/h2?clOrdId=h3');
    assert.deepEqual(
      cancelled.body.reports.map(({ kind }) => kind),
      ['cancelled'],
    );
    const shown = await call<EntryAnswer>('GET', '/orders/h1');
    assert.deepEqual(
      shown.body.reports.map(({ kind }) => kind),
      ['accepted', 'replaced', 'cancelled'],
    );
    const list = await call<{ items: { clOrdId: string }[]; total: number }>('GET', '/orders?limit=1');
    assert.deepEqual(
      list.body.items.map(({ clOrdId }) => clOrdId),
      ['h2'],
    );
  });

  it('shows what is left of a quote', async () => {
    await call('PUT', '/quotes/BAC', {
      bid: '13.90',
      bidSize: '500',
      ask: '13.91',
      askSize: '700',
      last: '13.9',
    });
    await call('POST', '/orders', {
      clOrdId: 'q1',
      symbol: 'BAC',
      side: 'sell',
      type: 'market',
      quantity: '120',
    });
    const { body } = await call<Record<string, string>>('GET', '/quotes/BAC');
    assert.deepEqual(
      [body['bid'], body['bidSize'], body['askSize'], body['last']],
      ['13.9', '380', '700', '13.9'],
    );
    assert.equal(
      (await call('PUT', '/quotes/BAC', { bid: '14', bidSize: '1', ask: '14', askSize: '1' })).status,
      400,
    );
    assert.equal((await call('GET', '/quotes/NOPE')).status, 404);
  });

  it('shows of its users’ orders what they show, and holds an auction when it is told to', async () => {
    await call('PUT', '/quotes/AIG', { bid: '49', bidSize: '0', ask: '49.1', askSize: '10' });
    const sell = { symbol: 'AIG', side: 'sell', limitPrice: '49.05', timeInForce: 'gtc' };
    const iceberg = { ...sell, type: 'iceberg', quantity: '90', displayQuantity: '20' };
    const entered = await call<EntryAnswer>('POST', '/orders', { ...iceberg, clOrdId: 'd1' });
    assert.equal(entered.body.order?.shownQty, '20');
    await call('POST', '/orders', { ...sell, type: 'limit', quantity: '5', clOrdId: 'd2' });
    const { body } = await call('GET', '/depth/AIG');
    assert.deepEqual(body, { symbol: 'AIG', bids: [], asks: [{ price: '49.05', size: '25' }] });
    assert.equal((await call('GET', '/depth/NOPE')).status, 404);
    const buy = { symbol: 'AIG', side: 'buy', type: 'marketOnClose', quantity: '10', clOrdId: 'd3' };
    const waiting = await call<EntryAnswer>('POST', '/orders', buy);
    assert.equal(waiting.body.order?.auction?.kind, 'close');
    assert.equal((await call('POST', '/auctions', { kind: 'noon' })).status, 400);
    assert.equal((await call('POST', '/auctions', { kind: 'close' })).status, 200);
    const held = await call<EntryAnswer>('GET', '/orders/d3');
    assert.deepEqual(
      held.body.reports.map(({ kind, lastPx }) => [kind, lastPx]),
      [
        ['accepted', undefined],
        ['fill', '49.1'],
      ],
    );
  });

  it('streams reports from any sequence number, without gaps, and then live', async () => {
    for (let index = 0; index < 700; index += 1)
      await venue.host.enter({ ...order, clOrdId: `s${index}` } as never);
    const seqs: number[] = [];
    const messages: StreamMessage[] = [];
    const socket = new WebSocket(`${venue.url.replace('http', 'ws')}/stream?from=5&quotes=0`);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as StreamMessage;
      messages.push(message);
      if (message.type === 'reports') seqs.push(...message.reports.map(({ seq }) => seq));
    });
    const total = venue.host.committedSeq;
    await eventually(() => seqs.at(-1) === total, { what: 'the backlog' });
    const { body } = await call<EntryAnswer>('POST', '/orders', { ...order, clOrdId: 'live' });
    const live = body.reports[0] as WireReport;
    await eventually(() => seqs.at(-1) === live.seq, { what: 'the live report' });
    assert.deepEqual(
      seqs,
      Array.from({ length: live.seq - 5 }, (_, index) => index + 6),
    );
    assert.equal(messages[0]?.type, 'hello');
    assert.ok(messages.every(({ type }) => type !== 'quotes'));
    await eventually(() => messages.some(({ type }) => type === 'heartbeat'));
    socket.close();
  });

  it('ends its day at the configured time of its zone, also across daylight saving', () => {
    const newYork = createDayEnd('17:00', 'America/New_York');
    assert.equal(newYork('2026-01-05T21:59:59.999Z'), '2026-01-05T22:00:00Z');
    assert.equal(newYork('2026-01-05T22:00:00.000Z'), '2026-01-06T22:00:00Z');
    assert.equal(newYork('2026-07-05T12:00:00.000Z'), '2026-07-05T21:00:00Z');
    assert.equal(createDayEnd('09:15', 'Asia/Tokyo')('2026-01-05T00:15:00.000Z'), '2026-01-06T00:15:00Z');
  });

  it('names all faults of its configuration', () => {
    const env = { STEADFILL_VENUE_PORT: 'x', STEADFILL_VENUE_DAY_END: '25:00' };
    assert.throws(() => readVenueSettings(env, []), /2 fault\(s\)[\s\S]*PORT[\s\S]*DAY_END/);
  });
});
