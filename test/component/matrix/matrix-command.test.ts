// Goal: `npm run matrix` plays order-state matrices through the real workflow, and says so when an order shows anything
// else. Method: run the command as a user does, on the test run's Temporal server, over our own matrices and the shared
// ones where they are there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testTemporal } from '../../support/servers';

const ROOT = path.resolve(__dirname, '../../..');
const OWN = path.join(ROOT, 'test/matrices');
const SHARED = path.resolve(ROOT, '../shared/data/matrices');
const COMMAND_MS_MAX = 8 * 60_000;

/** Played with crashes and with duplicates too; short ones, because each step costs a worker process. */
const HARD = ['cancel-refused', 'c.3.c', 'g.1.b', 'bust-before-fill'];

interface Line {
  matrix: string;
  step: number;
  shows: Record<string, string>;
  expect: Record<string, string>;
  ok: boolean;
  play?: string;
  error?: string;
}

interface Ran {
  code: number | null;
  lines: Line[];
  log: string;
}

describe('npm run matrix', function () {
  this.timeout(COMMAND_MS_MAX);
  const folder = mkdtempSync(path.join(tmpdir(), 'steadfill-matrix-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function run(...args: string[]): Promise<Ran> {
    const child = spawn('npm', ['run', '--silent', 'matrix', '--', ...args], {
      cwd: ROOT,
      env: { ...process.env, STEADFILL_HOME: path.join(folder, 'home') },
    });
    let [out, log] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const code = await new Promise<number | null>((done) => child.once('close', done));
    const lines = out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
    return { code, lines, log };
  }

  const onServer = async (...args: string[]): Promise<Ran> =>
    await run('--address', (await testTemporal()).address, ...args);

  function file(name: string, content: unknown): string {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  }

  function stepsIn(files: readonly string[]): number {
    const counts = files.map(
      (one) => (JSON.parse(readFileSync(one, 'utf8')) as { steps: unknown[] }).steps.length,
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  const filesIn = (place: string): string[] =>
    existsSync(place) ? readdirSync(place).map((name) => path.join(place, name)) : [];

  function assertAllOk({ code, lines, log }: Ran): void {
    assert.deepEqual(
      lines.filter(({ ok }) => !ok),
      [],
      log,
    );
    assert.equal(code, 0, log);
  }

  it('plays every matrix, one line a step, and exits with 0', async () => {
    const files = [...filesIn(OWN), ...filesIn(SHARED)];
    const ran = await onServer(...files);
    assertAllOk(ran);
    assert.equal(ran.lines.length, stepsIn(files));
    for (const line of ran.lines) {
      assert.deepEqual(Object.keys(line), ['matrix', 'step', 'shows', 'expect', 'ok']);
    }
  });

  it('plays them with the worker killed before every step, with duplicates and out of order', async () => {
    const files = [...HARD.map((name) => path.join(OWN, `${name}.json`)), ...filesIn(SHARED)];
    const ran = await onServer('--crash', '--duplicates', ...files);
    assertAllOk(ran);
    for (const play of ['crash', 'duplicates', 'disorder']) {
      assert.equal(ran.lines.filter((line) => line.play === play).length, stepsIn(files), play);
    }
  });

  it('plays the shared matrices too', function shared() {
    // They are part of the two plays above wherever they are there; here it is said where they are not.
    if (!existsSync(SHARED)) this.skip();
  });

  it('exits with 1 when an order shows something else, and plays the rest', async () => {
    const order = { side: 'buy', type: 'limit', quantity: 100, limitPrice: '10.00' };
    const steps = [
      { client: 'new', clOrdId: 'X' },
      { venue: 'accepted', expect: { ordStatus: 'new', leavesQty: '100.00' } },
      {
        venue: 'fill',
        execId: 'f1',
        lastQty: 40,
        lastPx: '10',
        expect: { ordStatus: 'filled', cumQty: '40' },
      },
      {
        venue: 'fill',
        execId: 'f2',
        lastQty: 60,
        lastPx: '10',
        expect: { ordStatus: 'filled' },
        comment: 'free',
      },
    ];
    const wrong = file('wrong.json', { order, steps });
    const { code, lines } = await onServer(wrong);
    assert.equal(code, 1);
    assert.deepEqual(
      lines.map(({ matrix, step, ok }) => ({ matrix, step, ok })),
      [true, true, false, true].map((ok, index) => ({ matrix: 'wrong', step: index + 1, ok })),
    );
    assert.equal(lines[2]?.shows['ordStatus'], 'partiallyFilled');
  });

  it('exits with 2 for what is not a matrix, names file and step, and plays nothing', async () => {
    const order = { side: 'buy', type: 'limit', quantity: '100', limitPrice: '10' };
    const steps = [{ client: 'new', clOrdId: 'X' }, { venue: 'dances' }];
    const good = path.join(OWN, 'a.1.a.json');
    const { code, lines, log } = await run(good, file('act.json', { order, steps }));
    assert.match(log, /act\.json: step 2: venue "dances" is not known/);
    assert.deepEqual({ code, lines }, { code: 2, lines: [] });
  });
});
