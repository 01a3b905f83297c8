import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { LineJournal } from '../../../venues/journal/line-journal';

// Goal: what was confirmed is there after any end of the process. Method: real files, reopened.
describe('line journal', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steadfill-journal-'));
  });
  after(() => rm(folder, { recursive: true }));

  const linesOf = async (path: string): Promise<string[]> => {
    const lines: string[] = [];
    const journal = await LineJournal.open(path, (line) => lines.push(line));
    await journal.close();
    return lines;
  };

  it('keeps many lines appended at once, in their order', async () => {
    const path = join(folder, 'a', 'many.journal');
    const journal = await LineJournal.open(path, () => undefined);
    const wanted = Array.from({ length: 500 }, (_, index) => `line ${index} äöü`);
    await Promise.all(wanted.map((line) => journal.append(line)));
    journal.note('a note');
    await journal.close();
    assert.deepEqual(await linesOf(path), [...wanted, 'a note']);
  });

  it('removes a last line that was cut short, and goes on after the one before', async () => {
    const path = join(folder, 'cut.journal');
    const journal = await LineJournal.open(path, () => undefined);
    await journal.append('whole');
    await journal.close();
    await appendFile(path, 'half of a li');
    const lines: string[] = [];
    const again = await LineJournal.open(path, (line) => lines.push(line));
    await again.append('next');
    await again.close();
    assert.deepEqual(lines, ['whole']);
    assert.equal(await readFile(path, 'utf8'), 'whole\nnext\n');
  });

  it('loses nothing that is appended while the content is replaced', async () => {
    const path = join(folder, 'replaced.journal');
    const journal = await LineJournal.open(path, () => undefined);
    const held: string[] = [];
    const writes: Promise<void>[] = [];
    for (let index = 0; index < 50; index += 1) {
      held.push(`r${index}`);
      writes.push(journal.append(`r${index}`));
      if (index % 10 === 5) writes.push(journal.replace(() => [...held]));
      await new Promise((turn) => setImmediate(turn));
    }
    await Promise.all(writes);
    await journal.close();
    assert.deepEqual(new Set(await linesOf(path)), new Set(held));
  });
});
