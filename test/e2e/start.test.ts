import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { choosePorts } from '../../tools/start/ports';
import { eventually } from '../support/eventually';
import { isThere, newHome, spawnStart, startSystem, type RunningSystem } from '../support/system';

// Goal: one command brings up a system that heals itself, can be found, and leaves nothing behind when it stops.
// Method: the real `npm start` on homes of their own; kills, signals, taken ports and a second start.
const NAMES = ['temporal', 'mongodb', 'venue-simulator', 'worker-orders', 'worker-execution', 'api'];
/** An instrument with another tick below one dollar. */
const ACME = {
  ...{ effectiveFrom: '2026-01-05', venue: 'XSIM', listing: 'XNYS', currency: 'USD', lotSize: '1' },
  ticks: [
    { from: '0', tickSize: '0.0001' },
    { from: '1', tickSize: '0.01' },
  ],
  ...{ priceMin: '0.0001', priceMax: '1000', quantityMin: '1', quantityMax: '1000000' },
};
const HEALED_MS_MAX = 60_000;
const OWNER_ONLY = 0o600;
const PERMISSIONS = 0o777;

const isReady = async ({ run }: RunningSystem): Promise<boolean> => {
  const response = await fetch(`${run.apiUrl}/readyz`);
  return response.status === 200;
};
const pidsOf = (system: RunningSystem): number[] => NAMES.map((name) => system.pidOf(name));

/** Runs a start that is expected to end by itself. */
async function startAndEnd(home: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const child = spawnStart(home, env, args);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, output };
}

describe('npm start', function () {
  this.timeout(300_000);
  let system: RunningSystem;
  before(async () => {
    const instruments = join(await newHome(), 'instruments.json');
    writeFileSync(instruments, JSON.stringify({ instruments: [{ symbol: 'ACME', versions: [ACME] }] }));
    system = await startSystem({ args: ['--instruments', instruments] });
  });
  after(async () => {
    await system?.stop();
  });

  it('loads the instruments of a file beside those of the demo, and says so', async () => {
    assert.match(system.output(), /^Instruments of instruments\.json: 1 new, 0 changed, 0 unchanged\.$/m);
    const trader = system.credentials.keys.find(({ role }) => role === 'trader');
    const response = await fetch(`${system.run.apiUrl}/v1/instruments`, {
      headers: { Authorization: `Bearer ${trader?.key}` },
    });
    const { items } = (await response.json()) as { items: { symbol: string; ticks: unknown[] }[] };
    assert.deepEqual(
      items.map(({ symbol, ticks }) => [symbol, ticks.length]),
      [
        ['ACME', 2],
        ['AIG', 1],
        ['BAC', 1],
        ['IBM', 1],
        ['SPY', 1],
      ],
    );
  });

  it('starts nothing with a file of instruments that has a fault, and names its place', async () => {
    const home = await newHome();
    const file = join(home, 'bad.json');
    writeFileSync(
      file,
      JSON.stringify({ instruments: [{ symbol: 'ACME', versions: [{ ...ACME, lotSize: 1 }] }] }),
    );
    const { code, output } = await startAndEnd(home, ['--instruments', file]);
    assert.equal(code, 2);
    assert.match(output, /- instruments\[0\] \(ACME\) versions\[0\]\.lotSize: must be a decimal string/);
    assert.equal(existsSync(join(home, 'run.json')), false);
  });

  it('writes where everything is, and prints it with an order to send', () => {
    const { run, home } = system;
    assert.match(run.apiUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(run.temporalUiUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(run.venueUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(run.temporalAddress, /^127\.0\.0\.1:\d+$/);
    assert.match(run.mongoUri, /^mongodb:\/\/127\.0\.0\.1:\d+/);
    assert.deepEqual(
      run.processes.map(({ name }) => name),
      NAMES,
    );
    assert.equal(run.credentialsFile, join(home, 'credentials.json'));
    assert.equal(statSync(run.credentialsFile).mode & PERMISSIONS, OWNER_ONLY);
    const trader = system.credentials.keys.find(({ role }) => role === 'trader');
    assert.deepEqual(trader?.accounts, ['ACC-1', 'ACC-2']);
    assert.match(system.output(), /ready to trade[\s\S]*curl .*\/v1\/orders/);
  });

  it('shows the Temporal UI', async () => {
    assert.equal((await fetch(system.run.temporalUiUrl)).status, 200);
  });

  it('answers a second start on the same home with where the first one is', async () => {
    const { code, output } = await startAndEnd(system.home);
    assert.equal(code, 1);
    assert.match(output, /already runs/);
    assert.ok(output.includes(system.run.apiUrl) && output.includes(system.run.temporalUiUrl));
    assert.ok(await isReady(system));
  });

  for (const name of NAMES) {
    it(`starts ${name} again after kill -9, on the same addresses`, async () => {
      const others = NAMES.filter((other) => other !== name).map((other) => system.pidOf(other));
      await system.kill(name);
      await eventually(() => isReady(system), { timeoutMs: HEALED_MS_MAX, what: 'ready again' });
      assert.ok(isThere(system.pidOf(name)));
      assert.deepEqual(
        NAMES.filter((other) => other !== name).map((other) => system.pidOf(other)),
        others,
      );
    });
  }

  it('starts on the same home after everything was killed, stopping what the first start left', async () => {
    const temporal = system.pidOf('temporal');
    process.kill(system.run.supervisorPid, 'SIGKILL');
    const { run, home } = system;
    system = await startSystem({ home });
    assert.equal(isThere(temporal), false);
    assert.match(system.output(), /Stopped what an earlier start left behind: .*temporal/);
    assert.equal(system.run.apiUrl, run.apiUrl, 'the ports of the last time');
  });

  it('drains on Ctrl-C, leaving no process, no lock and no run.json', async () => {
    const pids = pidsOf(system);
    assert.equal(await system.stop(), 0);
    assert.deepEqual(pids.filter(isThere), []);
    for (const file of ['start.lock', 'run.json', 'children.json']) {
      assert.equal(existsSync(join(system.home, file)), false, file);
    }
    const order = [...system.output().matchAll(/^stopping (.*)$/gm)].map((match) => match[1]);
    assert.deepEqual(order, [
      'api',
      'worker-orders and worker-execution',
      'venue-simulator',
      'temporal and mongodb',
    ]);
  });

  it('takes another port when the wanted one is taken, and says so', async () => {
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(0, '127.0.0.1', done));
    const { port } = squatter.address() as AddressInfo;
    const other = await startSystem({ home: system.home, args: ['--port', String(port)] });
    try {
      assert.match(other.output(), new RegExp(`Port ${port} for api is taken; using \\d+`));
      assert.ok(await isReady(other));
    } finally {
      await other.stop();
      await new Promise((done) => squatter.close(done));
    }
  });
});

describe('npm start that cannot succeed', function () {
  this.timeout(120_000);

  it('says what was tried and what to do when a part cannot be had', async () => {
    const env = { STEADFILL_TEMPORAL_CLI: '/no/such/program', MONGODB_URI: 'mongodb://127.0.0.1:9' };
    const { code, output } = await startAndEnd(await newHome(), [], env);
    assert.equal(code, 1);
    assert.match(output, /Temporal server.* could not be provisioned\. Tried:[\s\S]*What you can do:/);
    assert.match(output, /MongoDB.* could not be provisioned\. Tried:[\s\S]*does not accept connections/);
  });

  it('names the child that does not stay up, with the end of its log, and leaves nothing running', async () => {
    const home = await newHome();
    const { ports } = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8')) as {
      ports: { temporal: number };
    };
    const { code, output } = await startAndEnd(home, [], { STEADFILL_VENUE_SEED: 'not a number' });
    assert.equal(code, 1);
    assert.match(output, /venue-simulator does not stay up[\s\S]*STEADFILL_VENUE_SEED/);
    assert.equal(
      (await choosePorts({ temporal: ports.temporal })).temporal.busy,
      undefined,
      'Temporal was stopped',
    );
    assert.equal(existsSync(join(home, 'start.lock')), false);
  });

  it('refuses options that make no sense', async () => {
    assert.equal((await startAndEnd(await newHome(), ['--port', 'x'])).code, 2);
  });
});
