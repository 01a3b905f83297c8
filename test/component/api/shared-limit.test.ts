import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, it } from 'mocha';
import { eventually } from '../../support/eventually';
import { send } from '../../support/request-stream';
import { openApiWorld, type ApiWorld } from './api-process';

const LIMIT = 10;
/** The quiet connection asks no more than five times a second, which no limit of its own would refuse. */
const ROUND_MS_MIN = 200;

// Goal: workers of one API limit a key together. Method: the real process with two workers, and a connection to each:
// what one of them has counted lets the other refuse, although that has answered next to nothing.
describe('component: a limit that two workers share', function () {
  this.timeout(180_000);
  const connections = [0, 1].map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
  let world: ApiWorld;
  before(async () => {
    world = await openApiWorld({
      STEADFILL_API_WORKERS: '2',
      STEADFILL_RATE_LIMIT_PER_SECOND: String(LIMIT),
    });
    await world.start();
  });
  after(async () => {
    for (const connection of connections) connection.destroy();
    await world?.close();
  });

  const read = async (connection: Agent | undefined): Promise<number> => {
    assert.ok(connection);
    return (await send(world.url, world.key, connection, 'GET', '/v1/orders?limit=1')).status;
  };

  it('refuses what the other has counted', async () => {
    const [busy, quiet] = connections;
    const isRefused = async (): Promise<boolean> => {
      for (let hits = 0; hits < 5 * LIMIT && (await read(busy)) !== 429; hits += 1);
      return (await read(quiet)) === 429;
    };
    await eventually(isRefused, {
      timeoutMs: 60_000,
      intervalMs: ROUND_MS_MIN,
      what: 'a refusal by the other worker',
    });
  });
});
