// Goal: files and folders of matrices are read in order, and a bad one is named. Method: a folder of small files.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MatrixFault } from '../../../tools/matrix/matrix-form';
import { readMatrices } from '../../../tools/matrix/read-files';

const order = { side: 'buy', quantity: '100', limitPrice: '10' };
const steps = [{ client: 'new', clOrdId: 'X' }];

describe('files of matrices', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'steadfill-matrices-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => path.join(folder, name);
  const fault = async (name: string) =>
    await readMatrices([at(name)]).then(
      () => assert.fail('it was read'),
      (thrown: Error) => {
        assert.ok(thrown instanceof MatrixFault, String(thrown));
        return thrown.message;
      },
    );

  it('are read in the order given, and those of a folder by name', async () => {
    mkdirSync(at('some'));
    for (const name of ['b', 'a']) writeFileSync(at(`some/${name}.json`), JSON.stringify({ order, steps }));
    writeFileSync(at('some/notes.txt'), 'free');
    writeFileSync(at('first.json'), JSON.stringify({ id: 'one', order, steps }));
    const matrices = await readMatrices([at('first.json'), at('some')]);
    assert.deepEqual(
      matrices.map(({ id }) => id),
      ['one', 'a', 'b'],
    );
  });

  it('that cannot be read as a matrix are named, with what is wrong', async () => {
    writeFileSync(at('broken.json'), '{ "id": ');
    writeFileSync(
      at('step.json'),
      JSON.stringify({ order, steps: [...steps, { venue: 'fill', execId: 'f' }] }),
    );
    mkdirSync(at('empty'));
    assert.match(await fault('broken.json'), /broken\.json: not JSON: /);
    assert.match(await fault('step.json'), /step\.json: step 2: lastQty is missing, and "fill" needs one$/);
    assert.match(await fault('absent.json'), /absent\.json: there is no such file$/);
    assert.match(await fault('empty'), /empty: there is no \.json file in this folder$/);
  });
});
