import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '../../support/eventually';

const ROOT = resolve(__dirname, '../../..');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

// Goal: the process starts with everything else down, says so, and leaves cleanly. Method: the real entry point.
describe('component: the API process', function () {
  this.timeout(60_000);
  let child: ChildProcess;
  let url: string;
  let folder: string;
  let output = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steadfill-process-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    child = spawn(process.execPath, ['--import', 'tsx', 'api/main.ts'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        STEADFILL_API_PORT: String(port),
        STEADFILL_HOME: folder,
        MONGODB_URI: 'mongodb://127.0.0.1:9/?directConnection=true',
        TEMPORAL_ADDRESS: '127.0.0.1:9',
        STEADFILL_VENUE_URL: 'http://127.0.0.1:9',
      },
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)));
  });
  after(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('is up without Temporal, MongoDB and the venue, and names what is missing', async () => {
    const up = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(output);
      return (await fetch(`${url}/healthz`)).status === 200;
    };
    await eventually(up, { timeoutMs: 30_000, what: 'the API to listen' });
    const ready = await fetch(`${url}/readyz`);
    const { checks } = (await ready.json()) as { checks: Record<string, { ok: boolean }> };
    assert.equal(ready.status, 503);
    assert.deepEqual([checks['temporal']?.ok, checks['mongodb']?.ok], [false, false]);
    const keyed = await fetch(`${url}/v1/orders`, {
      headers: { authorization: `Bearer sf_${'a'.repeat(43)}` },
    });
    assert.equal(keyed.status, 503);
  });

  it('exits 0 on SIGTERM', async () => {
    const exited = new Promise<number | null>((done) => child.once('exit', done));
    child.kill('SIGTERM');
    assert.equal(await exited, 0, output);
  });
});
