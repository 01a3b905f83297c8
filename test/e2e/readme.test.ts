import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ApiClient } from '../support/api-client';
import { eventually } from '../support/eventually';
import { startSystem, type RunningSystem } from '../support/system';
import type { OrderView } from '../../domain/order/order-view';

// Goal: every command of the README does what the README says. Method: its `sh` blocks are run in order by one bash,
// in a folder whose `.steadfill` is a running system's; then the orders are looked up.

const REPOSITORY = resolve(__dirname, '../..');
const SCRIPT_TIMEOUT_MS = 60_000;
/** Commands that this test stands on instead of running them: the system is started by one, the test by the other. */
const RUN_OTHERWISE = ['npm start', 'npm test'];
const MARK = '--- block ---';

async function shellBlocks(): Promise<string[]> {
  const text = await readFile(join(REPOSITORY, 'README.md'), 'utf8');
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block.trim());
}

/** What a person would see: each command's output, one after the other. */
async function runInOrder(blocks: readonly string[], folder: string): Promise<string[]> {
  const script = blocks.join(`\necho; echo '${MARK}'\n`);
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: folder,
    timeout: SCRIPT_TIMEOUT_MS,
  }).catch(
    // The stream goes on until curl's own bound, which curl reports as 28.
    (fault: { code?: unknown; stdout?: string }) => {
      if (fault.code !== 28 || fault.stdout === undefined) throw fault;
      return { stdout: fault.stdout };
    },
  );
  return stdout.split(MARK);
}

describe('README', function () {
  this.timeout(240_000);
  let system: RunningSystem;
  let folder: string;
  let trader: ApiClient;

  before(async () => {
    system = await startSystem();
    folder = await mkdtemp(join(tmpdir(), 'steadfill-readme-'));
    await symlink(system.home, join(folder, '.steadfill'));
    const [key] = system.credentials.keys;
    assert.equal(key?.role, 'trader', 'the README takes the first key');
    trader = new ApiClient(system.run.apiUrl, key.key);
    await eventually(async () => (await trader.call('GET', '/v1/quotes/IBM')).status === 200, {
      timeoutMs: 30_000,
      what: 'quotes',
    });
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await system.stop();
  });

  async function find(clientOrderId: string): Promise<OrderView> {
    const path = `/v1/orders?account=ACC-1&clientOrderId=${clientOrderId}`;
    const { body } = await trader.call<{ items: OrderView[] }>('GET', path);
    assert.equal(body.items.length, 1, `${clientOrderId} is there once`);
    return body.items[0]!;
  }

  it('has commands that run and do what it says', async () => {
    const blocks = (await shellBlocks()).filter((block) => !RUN_OTHERWISE.includes(block));
    assert.ok(blocks.length >= 4, 'the README shows how to send, look, change and watch');
    const outputs = await runInOrder(blocks, folder);
    assert.equal(outputs.length, blocks.length);
    for (const output of outputs)
      assert.ok(!output.includes('"retryable"'), `a problem was answered: ${output}`);
    assert.match(outputs[0] ?? '', /"created":\s*true/);
    assert.match(outputs.at(-1) ?? '', /^(event|data|id|retry):/m);

    const first = await trader.reach((await find('first-1')).orderId, ['settled']);
    assert.equal(first.cumQty, '100');
    const rest = await trader.reach((await find('rest-1')).orderId, ['cancelled']);
    assert.equal(rest.quantity, '150');
  });

  it('names only npm scripts that start', async () => {
    const text = await readFile(join(REPOSITORY, 'README.md'), 'utf8');
    assert.ok(text.includes('npm run calendar -- XNYS 2026'));
    const { stdout } = await promisify(execFile)(
      'npm',
      ['run', '--silent', 'calendar', '--', 'XNYS', '2026'],
      { cwd: REPOSITORY },
    );
    assert.match(stdout, /^date,open,close,breakStart,breakEnd$/m);
    const env = { ...process.env, STEADFILL_HOME: system.home };
    for (const script of [
      ['keys', '--', 'list'],
      ['rebuild', '--', '--check'],
    ]) {
      await promisify(execFile)('npm', ['run', '--silent', ...script], { cwd: REPOSITORY, env });
    }
  });
});
