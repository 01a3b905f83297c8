import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { parseExposition } from '../../../api/ops/live/exposition';
import { METRICS } from '../../../observability/metrics/catalog';
import { eventually } from '../../support/eventually';

// Goal: a worker serves our metrics at the SDK's endpoint with our buckets, and works on where it cannot serve any.
// Method: a process that measures as workers do, at a free address and at one that is taken.
const SCRIPT = join(__dirname, 'metered-process.ts');

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, port: (server.address() as AddressInfo).port };
}

describe('component: metrics of a worker', function () {
  this.timeout(60_000);
  let child: ChildProcess | undefined;
  afterEach(() => void child?.kill('SIGKILL'));

  async function startAt(port: number): Promise<{ output: () => string }> {
    const env = { ...process.env, STEADFILL_METRICS_ADDRESS: `127.0.0.1:${port}` };
    const started = spawn(process.execPath, ['--import', 'tsx', SCRIPT], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child = started;
    let output = '';
    started.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually(() => output.includes('measuring'), {
      timeoutMs: 30_000,
      what: 'the process to measure',
    });
    return { output: () => output };
  }

  it('are served under their names, with their labels and buckets', async () => {
    const { server, port } = await listen();
    await new Promise((done) => server.close(done));
    await startAt(port);
    const samples = await eventually(async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const found = parseExposition(text, () => true);
      return found.some(({ name }) => name === `${METRICS.viewLag.name}_count`) && found;
    });
    const valueOf = (name: string) => samples.find((sample) => sample.name === name)?.value;
    assert.equal(valueOf(METRICS.venueSessionUp.name), 1);
    assert.equal(valueOf(`${METRICS.viewLag.name}_count`), 2);
    assert.equal(valueOf(`${METRICS.viewLag.name}_sum`), 0.3, 'less than nothing counts as nothing');
    assert.ok((valueOf(METRICS.processMemory.name) ?? 0) > 10_000_000);
    const bounds = samples
      .filter(({ name }) => name === `${METRICS.viewLag.name}_bucket`)
      .map(({ labels }) => labels['le']);
    assert.deepEqual(bounds, [...METRICS.viewLag.buckets.map(String), '+Inf']);
  });

  it('do not keep a worker from working while its predecessor has the address, and come when it is gone', async () => {
    const { server, port } = await listen();
    const { output } = await startAt(port);
    // It measures before it knows that the address is taken, or after: nobody promises which line comes first.
    await eventually(() => output().includes('"level":"warn","msg":"Metrics wait for their address"'), {
      what: 'the warning',
    });
    assert.match(output(), /measuring/);
    await new Promise((done) => server.close(done));
    const text = await eventually(async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
    assert.match(text, new RegExp(`^${METRICS.venueSessionUp.name}\\{`, 'm'));
    assert.equal((await fetch(`http://127.0.0.1:${port}/other`)).status, 404);
  });
});
