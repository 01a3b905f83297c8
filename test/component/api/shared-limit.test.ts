import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, it } from 'mocha';
import { eventually } from '../../support/eventually';
import { send } from '../../support/request-stream';
import { openApiWorld, type ApiWorld } from './api-process';

const LIMIT = 6;
/** The quiet connection asks no more than five times a second, which no limit of its own would refuse. */
const ROUND_MS_MIN = 200;

// Goal: workers of one API limit a key together. Method: the real process with two workers, and a connection to each:
// what one of them has counted lets the other refuse, although that has answered next to nothing.
describe('component: a limit that two workers share', function () {
  this.timeout(180_000);
  let world: ApiWorld;
  before(async () => {
    world = await openApiWorld({
      STEADFILL_API_WORKERS: '2',
      STEADFILL_RATE_LIMIT_PER_SECOND: String(LIMIT),
    });
    await world.start();
  });
  after(() => world?.close());

  const servingPids = async (): Promise<number[]> =>
    (await world.state()).processes.filter(({ state }) => state === 'serving').map(({ pid }) => pid);
  const read = async (connection: Agent): Promise<number> =>
    (await send(world.url, world.key, connection, 'GET', '/v1/orders?limit=1')).status;

  async function assertRefuses(quiet: Agent, busy: Agent): Promise<void> {
    const isRefused = async (): Promise<boolean> => {
      for (let hits = 0; hits < 5 * LIMIT && (await read(busy)) !== 429; hits += 1);
      return (await read(quiet)) === 429;
    };
    await eventually(isRefused, {
      timeoutMs: 40_000,
      intervalMs: ROUND_MS_MIN,
      what: 'a refusal by the other worker',
    });
  }

  /** Connections go to the workers in turn, so two new ones are with one each. */
  async function assertShared(): Promise<void> {
    const [one, other] = [0, 1].map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
    assert.ok(one && other);
    try {
      await assertRefuses(one, other);
      await assertRefuses(other, one);
    } finally {
      one.destroy();
      other.destroy();
    }
  }

  it('refuses what the other has counted', assertShared);

  it('does so with a worker that comes to one that was left alone', async () => {
    const [victim = 0] = await servingPids();
    process.kill(victim, 'SIGKILL');
    const isReplaced = async (): Promise<boolean> => {
      const pids = await servingPids();
      return pids.length === 2 && !pids.includes(victim);
    };
    await eventually(isReplaced, { timeoutMs: 60_000, what: 'a new worker' });
    await assertShared();
  });
});
