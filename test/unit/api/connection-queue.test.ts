import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ConnectionQueue } from '../../../api/cluster/connection-queue';
import { eventually } from '../../support/eventually';

describe('connections that wait for an API worker', () => {
  let server: Server;
  let queue: ConnectionQueue;
  let url = '';
  let nowMs = 0;
  beforeEach(async () => {
    nowMs = 0;
    queue = new ConnectionQueue(() => nowMs);
    server = createServer({ pauseOnConnect: true }, (socket) => queue.add(socket));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    queue.close();
    await new Promise((done) => server.close(done));
  });
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) =>
      server.getConnections((fault, count) => (fault === null ? resolve(count) : reject(fault))),
    );

  it('are answered 503 with a time to come back when none came for long', async () => {
    const answer = fetch(url, { method: 'POST', body: 'x'.repeat(1_000) });
    await eventually(async () => (await connections()) === 1);
    nowMs = 60_000;
    const response = await answer;
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.ok(Number(response.headers.get('retry-after')) >= 1);
    const body = (await response.json()) as { code: string; retryable: boolean };
    assert.deepEqual([body.code, body.retryable], ['SERVICE_UNAVAILABLE', true]);
  });

  it('are given out in their order, unread', async () => {
    const first = fetch(url).catch(() => undefined);
    await eventually(async () => (await connections()) === 1);
    const second = fetch(url).catch(() => undefined);
    await eventually(async () => (await connections()) === 2);
    const sockets = queue.takeAll();
    assert.deepEqual(
      [sockets.length, sockets.map(({ bytesRead }) => bytesRead), queue.takeAll().length],
      [2, [0, 0], 0],
    );
    for (const socket of sockets) socket.destroy();
    await Promise.all([first, second]);
  });
});
