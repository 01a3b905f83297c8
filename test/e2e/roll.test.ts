import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, it } from 'mocha';
import { RollFiles } from '../../api/cluster/roll-files';
import { rollApi } from '../../tools/deploy/api/roll-api';
import { rollGateway } from '../../tools/deploy/gateway/roll-gateway';
import { eventually } from '../support/eventually';
import { assertLedgerIsZero, assertReservationsReleased, withDatabase } from '../support/invariants';
import { RequestStream, send } from '../support/request-stream';
import { isThere, startSystem, type RunningSystem } from '../support/system';

const SETTLED_MS_MAX = 90_000;
const HEALED_MS_MAX = 60_000;

// Goal: the API and the gateway of a running system are replaced under a stream of orders, and no request fails and no
// order is lost. Method: `npm start`, clients that count every broken connection, and the books afterwards.
describe('rolling through npm start', function () {
  this.timeout(300_000);
  let system: RunningSystem;
  let key = '';
  let load: RequestStream | undefined;
  before(async () => {
    system = await startSystem();
    key = system.credentials.keys.find(({ name }) => name === 'demo-trader')?.key ?? '';
    const agent = new Agent({ keepAlive: false });
    const quoted = async (): Promise<boolean> =>
      (await send(system.run.apiUrl, key, agent, 'GET', '/v1/quotes/IBM')).status === 200;
    await eventually(quoted, { timeoutMs: HEALED_MS_MAX, what: 'a first quote' });
  });
  after(async () => {
    await load?.stop();
    await system?.stop();
  });

  const apiProcesses = async (): Promise<number[]> =>
    ((await new RollFiles(system.home, 'api').state())?.processes ?? []).map(({ pid }) => pid);

  it('replaces both while orders come, and every order settles', async () => {
    const say = (): void => undefined;
    const { run } = system;
    const [apiPid, gatewayPid, workers] = [
      system.pidOf('api'),
      system.pidOf('worker-execution'),
      await apiProcesses(),
    ];
    load = new RequestStream(run.apiUrl, key, { kept: 2, fresh: 1 }, 'roll');
    const stream = load;
    const answersAfter = async (what: string): Promise<void> => {
      const before = stream.answers.length;
      await eventually(() => stream.answers.length >= before + 10, { timeoutMs: HEALED_MS_MAX, what });
    };
    await answersAfter('answers before');
    const api = await rollApi({ run, say });
    assert.equal(api.outcome, 'done', api.reason);
    await answersAfter('answers after the API was replaced');
    const gateway = await rollGateway({ run, say });
    assert.equal(gateway.outcome, 'done', gateway.reason);
    await answersAfter('answers after the gateway was replaced');
    await stream.stop();

    assert.deepEqual(stream.faults, []);
    assert.deepEqual(stream.refusals(), []);
    assert.equal(system.pidOf('api'), apiPid, 'the owner of the port stays');
    assert.notEqual(system.pidOf('worker-execution'), gatewayPid);
    assert.equal(isThere(gatewayPid), false);
    const serving = api.after.filter(({ state }) => state === 'serving');
    assert.ok(serving.length > 0 && serving.every(({ pid }) => !workers.includes(pid)));

    const orders = stream.answers.filter(({ status }) => status === 201).length;
    await withDatabase(run, async (db) => {
      const settled = (): Promise<number> => db.collection('orders').countDocuments({ state: 'settled' });
      const isDone = async (): Promise<boolean> => (await settled()) === orders;
      await eventually(isDone, { timeoutMs: SETTLED_MS_MAX, what: `${orders} settled orders` });
      assert.equal(await db.collection('orders').countDocuments({}), orders);
      await assertLedgerIsZero(db);
      await assertReservationsReleased(db);
    });
  });

  it('leaves no API worker when the process api is killed, and none when the system stops', async () => {
    const workers = await apiProcesses();
    await system.kill('api');
    await eventually(() => !workers.some(isThere), {
      timeoutMs: HEALED_MS_MAX,
      what: 'the end of the orphans',
    });
    const isReady = async (): Promise<boolean> => (await fetch(`${system.run.apiUrl}/readyz`)).status === 200;
    await eventually(isReady, { timeoutMs: HEALED_MS_MAX, what: 'a ready API' });
    const heirs = await apiProcesses();
    assert.equal(await system.stop(), 0);
    assert.deepEqual(heirs.filter(isThere), []);
  });
});
