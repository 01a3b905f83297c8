import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import * as workflowTypes from '../../workflows/index';
import { checkManifest, readManifest, storeHistory } from '../../tools/replay/manifest';
import { historiesFromFiles, replayAll, storedHistoryFiles } from '../../tools/replay/replay';
import { bundleWorkflows } from '../../workers/workflow-bundle';
import { quietTemporal } from '../support/temporal-harness';
import { workflowBundle } from '../support/order-harness';
import { CORRECTION_SCENARIOS } from '../support/correction-scenarios';
import { LIST_SCENARIOS } from '../support/list-scenarios';
import { SCENARIOS } from '../support/order-scenarios';

// Goal: no change to workflow code breaks an order that lives. Method: replay of the stored histories of every path
// with the production bundle, and of one of them with a workflow that was altered on purpose.
describe('replay of stored histories', function () {
  this.timeout(120_000);
  before(() => quietTemporal());

  it('trusts the store: all listed, none edited, every type and every path covered', async () => {
    assert.deepEqual(await checkManifest(Object.keys(workflowTypes)), []);
    const paths = new Set((await readManifest()).map((entry) => entry.path));
    const listPaths = LIST_SCENARIOS.flatMap(({ path, orderPaths }) => [path, ...orderPaths]);
    const own = [...SCENARIOS, ...CORRECTION_SCENARIOS].map(({ path }) => path);
    for (const path of [...own, ...listPaths]) assert.ok(paths.has(path), `a stored history of ${path}`);
  });

  it('replays every stored history against the current code', async () => {
    const files = await storedHistoryFiles();
    const outcomes = await replayAll(await workflowBundle(), historiesFromFiles(files));
    assert.equal(outcomes.length, files.length);
    assert.deepEqual(
      outcomes.filter((outcome) => !outcome.ok),
      [],
    );
    assert.ok(outcomes.length > 0, 'a replay of nothing proves nothing');
  });

  it('catches a workflow that was altered', async () => {
    const altered = await bundleWorkflows(require.resolve('./altered/altered-workflows'));
    const files = (await storedHistoryFiles()).filter((file) => file.includes('filled-settled'));
    const outcomes = await replayAll(altered, historiesFromFiles(files));
    assert.ok(outcomes.length > 0);
    for (const outcome of outcomes) {
      assert.equal(outcome.ok, false);
      assert.match(outcome.fault ?? '', /DeterminismViolation|Nondeterminism/i);
    }
  });

  it('names an edited, a missing and an unlisted history', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'steadfill-histories-'));
    try {
      const entry = { workflowType: 'order', path: 'p', workflowId: 'w' };
      await storeHistory({ ...entry, file: 'a.json' }, '{}', dir);
      await storeHistory({ ...entry, file: 'b.json' }, '{}', dir);
      await assert.rejects(storeHistory({ ...entry, file: 'a.json' }, '{"other":1}', dir), /stored already/);
      await writeFile(join(dir, 'a.json'), `${await readFile(join(dir, 'a.json'), 'utf8')} `);
      await rm(join(dir, 'b.json'));
      await writeFile(join(dir, 'c.json'), '{}');
      const faults = await checkManifest(['order', 'correction'], dir);
      assert.equal(faults.length, 4);
      for (const part of [
        'a.json was edited',
        'b.json is listed but missing',
        'c.json is not listed',
        'type correction',
      ]) {
        assert.ok(
          faults.some((fault) => fault.includes(part)),
          part,
        );
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
