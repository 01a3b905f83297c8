import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join, resolve } from 'node:path';
import { rollApi } from '../../../tools/deploy/api/roll-api';
import type { RollOptions, RollResult } from '../../../tools/deploy/rolls/roll-process';
import { eventually } from '../../support/eventually';
import { uniqueName } from '../../support/servers';
import { isThere } from '../../support/system';
import { openApiWorld, type ApiProcess, type ApiWorld } from './api-process';
import { EventStream } from './event-stream';
import { record, view } from './recorded-order';
import { NO_ANSWER, RequestStream, send } from '../../support/request-stream';

const ROOT = resolve(__dirname, '../../..');
const HEALED_MS_MAX = 60_000;
const WORKERS = 2;

// Goal: the API can be replaced, and its processes can die, without a client noticing more than it must. Method: the
// real process over real servers, with clients that count every broken connection.
describe('component: rolling the API', function () {
  this.timeout(180_000);
  let world: ApiWorld;
  let api: ApiProcess | undefined;
  const running = (): ApiProcess => {
    assert.ok(api);
    return api;
  };
  before(async () => {
    world = await openApiWorld({
      STEADFILL_API_WORKERS: String(WORKERS),
      STEADFILL_RATE_LIMIT_PER_SECOND: '100000',
    });
  });
  beforeEach(async () => {
    if (api === undefined || api.hasEnded()) api = await world.start();
  });
  after(async () => {
    await world?.close();
  });

  const roll = (options: Partial<RollOptions> = {}): Promise<RollResult> =>
    rollApi({ run: world.run, say: () => undefined, ...options });
  const servingPids = async (): Promise<number[]> =>
    (await world.state()).processes.filter(({ state }) => state === 'serving').map(({ pid }) => pid);
  /** Asked on a new connection: those of before stay with their worker for one more answer. */
  const version = async (): Promise<string> => {
    const fresh = new Agent({ keepAlive: false });
    const { body } = await send(world.url, world.key, fresh, 'GET', '/openapi.json');
    return (body as { info: { version: string } }).info.version;
  };
  const requestsCounted = async (): Promise<number> => {
    const text = await (await fetch(`${world.url}/metrics`)).text();
    const values = [...text.matchAll(/^steadfill_http_requests_total\{.*\} (\d+)$/gm)];
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
  };
  /**
   * A tree whose API is that of this repository under another name, as a build folder would be. With a gate it is not
   * built before that file is there.
   */
  const codeNamed = async (buildId: string, gate?: string): Promise<{ dir: string; buildId: string }> => {
    const dir = join(world.home, buildId);
    await mkdir(join(dir, 'api'), { recursive: true });
    const start = `require(${JSON.stringify(join(ROOT, 'api/worker.ts'))});`;
    const waiting = `const { existsSync } = require('node:fs');
      const timer = setInterval(() => {
        if (!process.connected) process.exit();
        if (!existsSync(${JSON.stringify(gate)})) return;
        clearInterval(timer);
        ${start}
      }, 20);`;
    await writeFile(join(dir, 'api/worker.ts'), gate === undefined ? start : waiting);
    return { dir, buildId };
  };

  /** Opens a stream as event sources do, which come back when it ends: the worker of a kept connection may leave. */
  const follow = (path: string, event: string, lastEventId?: string): Promise<EventStream> =>
    eventually(
      async () => {
        const stream = await EventStream.open(path, world.key, lastEventId);
        await eventually(() => stream.ended || stream.events.length > 0, { what: 'a word of the stream' });
        return stream.events.some((taken) => taken.event === event) ? stream : undefined;
      },
      { timeoutMs: HEALED_MS_MAX, what: `a stream with ${event}` },
    );

  it('replaces every worker under a stream of requests, and none of them fails', async () => {
    const pids = new Set(await servingPids());
    assert.equal(pids.size, WORKERS);
    const idle = new Agent({ keepAlive: true, maxSockets: 1 });
    const counted = await requestsCounted();
    assert.equal((await send(world.url, world.key, idle, 'GET', '/v1/orders')).status, 200);
    const load = new RequestStream(world.url, world.key, { kept: 6, fresh: 2 }, uniqueName('roll'));
    try {
      for (let round = 0; round < 2; round += 1) {
        const sent = load.answers.length;
        const result = await roll();
        assert.equal(result.outcome, 'done', result.reason);
        for (const pid of await servingPids()) {
          assert.equal(pids.has(pid), false, 'a worker of before serves');
          pids.add(pid);
        }
        await eventually(() => load.answers.length > sent + 20, { what: 'answers after the roll' });
      }
      // A connection that was idle all the while is still the client's to use, and ends with its next answer.
      assert.equal((await send(world.url, world.key, idle, 'GET', '/v1/orders')).status, 200);
    } finally {
      await load.stop();
      idle.destroy();
    }
    assert.deepEqual(load.faults, []);
    assert.deepEqual(load.refusals(), []);
    assert.ok((await requestsCounted()) >= counted + load.answers.length, 'counts outlive the workers');
    const gone = [...pids].slice(0, WORKERS);
    await eventually(() => !gone.some(isThere), {
      timeoutMs: HEALED_MS_MAX,
      what: 'the end of the old workers',
    });
  });

  it('tells streams to come back, and they miss nothing', async () => {
    const path = `${world.url}/v1/stream/orders?account=ACC-2`;
    const first = await follow(path, 'snapshot');
    await record(world.mongo.db, view('s-1', 'ACC-2', 1));
    await first.take('order', 1);
    assert.equal((await roll()).outcome, 'done');
    await eventually(() => first.ended, { what: 'the end of the stream' });
    assert.ok((first.retryMs ?? Infinity) <= 500, 'the client is told to come back soon');
    await record(world.mongo.db, view('s-2', 'ACC-2', 1));
    const second = await follow(path, 'order', first.events.at(-1)?.id);
    const [change] = await second.take('order', 1);
    assert.equal((change?.data as { orderId: string }).orderId, 's-2');
    assert.equal(
      second.events.filter(({ event }) => event === 'snapshot').length,
      0,
      'resumed, not read anew',
    );
    second.close();
  });

  it('goes to other code, does the same roll once, and stays there when the primary is killed', async () => {
    const before = await version();
    const code = await codeNamed('build-2');
    const rollId = uniqueName('roll');
    assert.equal((await roll({ code, rollId })).outcome, 'done');
    assert.notEqual(before, 'build-2');
    assert.equal(await version(), 'build-2');
    const pids = await servingPids();
    assert.equal((await roll({ code, rollId })).outcome, 'done');
    assert.deepEqual(await servingPids(), pids, 'a roll that is done is only reported');

    const workers = (await world.state()).processes.map(({ pid }) => pid);
    running().signal('SIGKILL');
    await running().exited;
    api = await world.start();
    assert.equal(await version(), 'build-2');
    await eventually(() => !workers.some(isThere), { timeoutMs: HEALED_MS_MAX, what: 'no orphaned worker' });
  });

  it('switches nothing when the new code does not come up', async () => {
    const [pids, before] = [await servingPids(), await version()];
    const dir = join(world.home, 'broken');
    await mkdir(join(dir, 'api'), { recursive: true });
    await writeFile(join(dir, 'api/worker.ts'), 'process.exit(7);\n');
    const result = await roll({ code: { dir } });
    assert.equal(result.outcome, 'failed');
    assert.match(result.reason ?? '', /ended before it was ready/);
    assert.deepEqual(await servingPids(), pids);
    assert.equal(await version(), before);
  });

  it('goes on with a roll when the primary is killed in the middle of it', async () => {
    const gate = join(world.home, 'gate');
    const code = await codeNamed('build-3', gate);
    const rollId = uniqueName('resumed');
    const rolling = roll({ code, rollId });
    await eventually(async () => (await world.state()).phase === 'starting', { what: 'a roll under way' });
    running().signal('SIGKILL');
    await running().exited;
    api = await world.start();
    await writeFile(gate, '');
    assert.equal((await rolling).outcome, 'done');
    assert.equal(await version(), 'build-3');
    assert.equal((await world.state()).rollId, rollId);
  });

  it('only says what it would do when asked to', async () => {
    const pids = await servingPids();
    assert.equal((await roll({ dryRun: true })).outcome, 'wouldRoll');
    assert.deepEqual(await servingPids(), pids);
  });

  it('goes on with the other worker when one is killed, and replaces it', async () => {
    const [victim, other] = await servingPids();
    const load = new RequestStream(world.url, world.key, { kept: 2, fresh: 4 }, uniqueName('kill'));
    await eventually(() => load.answers.length > 20, { what: 'answers before the kill' });
    process.kill(victim ?? 0, 'SIGKILL');
    const isReplaced = async (): Promise<boolean> => {
      const pids = await servingPids();
      return pids.length === WORKERS && !pids.includes(victim ?? 0) && pids.includes(other ?? 0);
    };
    await eventually(isReplaced, { timeoutMs: HEALED_MS_MAX, what: 'a replaced worker' });
    await load.stop();
    // What was on its way to the killed process breaks, at once; nobody waits for an answer that cannot come.
    assert.ok(load.faults.length <= 12, load.faults.join('\n'));
    assert.deepEqual(
      load.faults.filter((fault) => fault.includes(NO_ANSWER)),
      [],
    );
  });

  it('rolls on SIGHUP, and drains all of it on SIGTERM', async () => {
    const pids = await servingPids();
    running().signal('SIGHUP');
    await eventually(async () => (await servingPids()).every((pid) => !pids.includes(pid)), {
      timeoutMs: HEALED_MS_MAX,
      what: 'new workers',
    });
    await eventually(async () => (await world.state()).phase === 'serving');
    const all = (await world.state()).processes.map(({ pid }) => pid);
    running().signal('SIGTERM');
    assert.equal(await running().exited, 0, running().output());
    assert.deepEqual(all.filter(isThere), []);
  });
});
