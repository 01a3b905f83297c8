import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { hashKey, type Credentials } from '../../../api/auth/api-key';
import { findKey, listKeys, revokeKeys } from '../../../api/auth/key-store';
import { ensureDemoKeys } from '../../../api/ops/demo-keys';
import { openMongo, type Mongo } from '../../../storage/mongo';
import { testMongo, uniqueName } from '../../support/servers';

const ROOT = resolve(__dirname, '../../..');
const run = promisify(execFile);

// Goal: keys are stored hashed, shown once, and a revoked one stays revoked. Method: the real command and a real
// MongoDB.
describe('component: API keys', function () {
  this.timeout(60_000);
  let mongo: Mongo;
  let folder: string;
  let uri: string;
  let database: string;
  before(async () => {
    ({ uri } = await testMongo());
    database = uniqueName('keys').slice(0, 38);
    mongo = await openMongo({ uri, database });
    folder = await mkdtemp(join(tmpdir(), 'steadfill-keys-'));
  });
  after(async () => {
    await mongo.db.dropDatabase();
    await mongo.close();
    await rm(folder, { recursive: true });
  });

  const keys = (...args: string[]) =>
    run(process.execPath, ['--import', 'tsx', 'tools/keys/main.ts', ...args], {
      cwd: ROOT,
      env: { ...process.env, MONGODB_URI: uri, MONGODB_DATABASE: database, STEADFILL_HOME: folder },
    });

  it('adds, lists and revokes by command; only the hash is stored', async () => {
    const { stdout } = await keys('add', 'anna', '--role', 'trader', '--accounts', 'ACC-1,ACC-2', '--json');
    const { key, accounts } = JSON.parse(stdout) as { key: string; accounts: string[] };
    assert.deepEqual(accounts, ['ACC-1', 'ACC-2']);
    const record = await findKey(mongo.db, hashKey(key));
    assert.equal(record?.name, 'anna');
    assert.equal(JSON.stringify(record).includes(key), false);
    const listed = await keys('list');
    assert.match(listed.stdout, /^anna\ttrader\tACC-1,ACC-2\t[0-9a-f]{12}\t.*\tlive$/m);
    assert.equal(listed.stdout.includes(key), false);
    assert.match((await keys('revoke', 'anna')).stdout, /^1 key\(s\) of anna revoked/);
    assert.ok((await findKey(mongo.db, hashKey(key)))?.revokedAt);
    await assert.rejects(keys('revoke', 'anna'), 'nothing is left to revoke');
    await assert.rejects(keys('add', 'bob', '--role', 'king', '--accounts', '*'));
  });

  it('makes the demo keys once, in a file for the owner only, and replaces a revoked one', async () => {
    const file = join(folder, 'credentials.json');
    const first = await ensureDemoKeys(mongo.db, file);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), first);
    const names = first.keys.map(({ name }) => name);
    assert.deepEqual(names, [
      'demo-trader',
      'demo-trader-1',
      'demo-trader-2',
      'demo-risk',
      'demo-ops',
      'demo-auditor',
      'demo-admin',
    ]);
    const before = (await listKeys(mongo.db)).length;
    assert.deepEqual(await ensureDemoKeys(mongo.db, file), first);
    assert.equal((await listKeys(mongo.db)).length, before);
    await revokeKeys(mongo.db, 'demo-trader');
    const later = await ensureDemoKeys(mongo.db, file);
    const keyOf = ({ keys: all }: Credentials, name: string) => all.find((entry) => entry.name === name)?.key;
    assert.notEqual(keyOf(later, 'demo-trader'), keyOf(first, 'demo-trader'));
    assert.equal(keyOf(later, 'demo-risk'), keyOf(first, 'demo-risk'));
  });

  it('gives a new database the keys that the file holds already', async () => {
    const file = join(folder, 'credentials.json');
    const { keys: held } = await ensureDemoKeys(mongo.db, file);
    await mongo.db.dropDatabase();
    const again = await ensureDemoKeys(mongo.db, file);
    assert.deepEqual(again.keys, held);
    assert.equal((await listKeys(mongo.db)).length, held.length);
  });
});
