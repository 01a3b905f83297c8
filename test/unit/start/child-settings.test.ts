import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { readChildSettings } from '../../../tools/start/child-settings';
import { apiSpec, gatewaySpec, orderWorkerSpec, type SystemPlan } from '../../../tools/start/children';
import type { BuildRecord } from '../../../tools/deploy/builds/build-record';
import { DEFAULT_PORTS, openHome } from '../../../tools/start/home';

// Goal: settings of one process reach that process and no other, and a fault in the file stops the start.
describe('settings of single processes', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'steadfill-settings-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const fileWith = (text: string): string => {
    const file = join(folder, 'settings.json');
    writeFileSync(file, text);
    return file;
  };

  it('reach the process that they name, and win', async () => {
    const settings = {
      api: { TEMPORAL_ADDRESS: '127.0.0.1:9' },
      'worker-orders': { TEMPORAL_ADDRESS: '127.0.0.1:8' },
    };
    const childSettings = await readChildSettings(fileWith(JSON.stringify(settings)));
    const found = { value: 'program', flavour: 'mongod', version: '1' };
    const home = await openHome(folder);
    const plan: SystemPlan = {
      home,
      ports: DEFAULT_PORTS,
      temporal: found,
      mongodb: found,
      options: {},
      childSettings,
    };
    assert.equal(apiSpec(plan).env['TEMPORAL_ADDRESS'], '127.0.0.1:9');
    const build = { buildId: 'abc', dir: folder } as BuildRecord;
    assert.equal(orderWorkerSpec(plan, build, 0).env['TEMPORAL_ADDRESS'], '127.0.0.1:8');
    assert.equal(gatewaySpec(plan).env['TEMPORAL_ADDRESS'], '127.0.0.1:7233');
  });

  it('are none without a file', async () => {
    assert.deepEqual(await readChildSettings(undefined), {});
  });

  it('stop the start when they cannot be read or name nobody', async () => {
    await assert.rejects(readChildSettings(join(folder, 'absent')), /cannot be read \(ENOENT\)/);
    await assert.rejects(readChildSettings(fileWith('{"api": ')), /STEADFILL_CHILD_SETTINGS_FILE/);
    await assert.rejects(readChildSettings(fileWith('{"apii": {}}')), /apii/);
    await assert.rejects(readChildSettings(fileWith('{"api": {"X": 1}}')), /api\.X/);
  });
});
