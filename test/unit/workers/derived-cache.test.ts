import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { derived } from '../../../workers/derived-cache';

// Goal: what is a function of its sources is made once; a cache that does not work costs time and nothing else.
describe('the cache of what is derived from sources', () => {
  const before = process.env['XDG_CACHE_HOME'];
  let folder: string;
  let made = 0;
  const make = (text: string) => async (): Promise<string> => {
    made += 1;
    return await Promise.resolve(text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'steadfill-derived-'));
    process.env['XDG_CACHE_HOME'] = folder;
    made = 0;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes a thing once, also when two ask at the same time', async () => {
    const two = await Promise.all([derived('a-1', make('one')), derived('a-1', make('other'))]);
    assert.deepEqual(two, ['one', 'one']);
    assert.equal(await derived('a-1', make('later')), 'one');
    assert.equal(await derived('a-2', make('two')), 'two');
    assert.equal(made, 2);
  });

  it('keeps a bounded number of them, the newest', async () => {
    for (let index = 0; index < 70; index += 1) await derived(`n-${index}`, make(String(index)));
    const names = readdirSync(join(folder, 'steadfill/derived'));
    assert.ok(names.length <= 60, `${names.length} files`);
    assert.ok(names.includes('n-69'));
  });

  it('makes it all the same where nothing can be kept, and keeps no failure', async () => {
    process.env['XDG_CACHE_HOME'] = join(folder, 'file');
    writeFileSync(join(folder, 'file'), '');
    assert.equal(await derived('b-1', make('text')), 'text');
    process.env['XDG_CACHE_HOME'] = folder;
    const failing = derived('c-1', () => Promise.reject(new Error('does not bundle')));
    await assert.rejects(failing, /does not bundle/);
    assert.equal(await derived('c-1', make('now')), 'now');
  });
});
