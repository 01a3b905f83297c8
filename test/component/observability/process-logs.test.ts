import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { logRecordSchema } from '../../../observability/log-schema';
import { eventually } from '../../support/eventually';

const ROOT = resolve(__dirname, '../../..');
const PASSWORD = 'marked-password';
const API_KEY = 'marked-temporal-key';

/** Our entry points, and a line that each writes when it has met its missing servers. */
const PROCESSES = [
  { script: 'api/main.ts', says: 'MongoDB is not reachable yet' },
  { script: 'workers/main.ts', says: 'Temporal is not reachable yet' },
  { script: 'workers/execution.ts', says: 'Temporal is not reachable yet' },
  { script: 'venues/simulator/main.ts', says: 'Listening' },
] as const;

// Goal: a process whose servers are away complains in the one schema and gives no secret of its settings away.
// Method: the real entry points, with secrets in their environment and nothing to connect to.
describe('component: logs of processes without servers', function () {
  this.timeout(90_000);
  let child: ChildProcess;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steadfill-process-'));
  });
  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  });

  for (const { script, says } of PROCESSES) {
    it(`${script} writes the schema, and no secret`, async () => {
      let output = '';
      child = spawn(process.execPath, ['--import', 'tsx', script], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          STEADFILL_HOME: folder,
          STEADFILL_API_PORT: '0',
          STEADFILL_VENUE_PORT: '0',
          STEADFILL_VENUE_DATA_DIR: folder,
          STEADFILL_LOG_LEVEL: 'trace',
          MONGODB_URI: `mongodb://desk:${PASSWORD}@127.0.0.1:9/?directConnection=true`,
          TEMPORAL_ADDRESS: '127.0.0.1:9',
          TEMPORAL_API_KEY: API_KEY,
          STEADFILL_VENUE_URL: 'http://127.0.0.1:9',
        },
      });
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (text) => (output += String(text)));
      await eventually(() => output.includes(says), {
        timeoutMs: 60_000,
        what: `${script} to say "${says}"`,
      });
      const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
      for (const line of lines) {
        const parsed = logRecordSchema.safeParse(JSON.parse(line));
        assert.ok(parsed.success, `${line}: ${parsed.error?.message}`);
      }
      for (const secret of [PASSWORD, API_KEY]) assert.ok(!output.includes(secret), output);
    });
  }

  it('a fault that nobody caught is a record too, and ends the process', async () => {
    const program = `
      const { createLogger } = require('./observability/logger');
      const { logProcessFaults } = require('./observability/process-faults');
      logProcessFaults(createLogger('test'));
      process.emitWarning('take care');
      setTimeout(() => Promise.reject(new Error('no answer from mongodb://desk:${PASSWORD}@db')), 10);
    `;
    let output = '';
    child = spawn(process.execPath, ['--import', 'tsx', '--eval', program], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)));
    assert.equal(await new Promise((done) => child.once('close', done)), 1);
    const records = output
      .trimEnd()
      .split('\n')
      .map((line) => logRecordSchema.parse(JSON.parse(line)));
    assert.deepEqual(
      records.map(({ level, msg }) => [level, msg]),
      [
        ['warn', 'Node warns'],
        ['error', 'The process ends on a fault that nobody caught'],
      ],
    );
    assert.ok(!output.includes(PASSWORD));
  });
});
