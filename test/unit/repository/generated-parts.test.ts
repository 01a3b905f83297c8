import assert from 'node:assert/strict';
import { GENERATED_PARTS, replacePart } from '../../../tools/docs/tables';
import { readRepositoryFile } from './source-files';

// Goal: tables in the documents say what the code says. Method: they are made again and compared.
// To write them: node --import tsx tools/docs/main.ts

describe('generated parts of the documents', () => {
  for (const { document, part, table } of GENERATED_PARTS) {
    it(`${document} has the current table of ${part}`, () => {
      const text = readRepositoryFile(document);
      assert.equal(text, replacePart(text, part, table()), 'run: node --import tsx tools/docs/main.ts');
    });
  }

  it('need their markers', () => {
    assert.throws(() => replacePart('no markers', 'errors', ''), /markers/);
  });
});
