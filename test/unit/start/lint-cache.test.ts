import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { lintCacheArgs } from '../../../tools/test/lint-cache';

// Goal: what the linter remembers is used only where every file that it judges by is as it was.
// Method: small trees on disk, one change at a time, each taken back.
describe('the cache of the linter', () => {
  let root = '';
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const cacheFile = (): string => {
    const args = lintCacheArgs(root);
    assert.deepEqual(args.slice(0, 4), ['--cache', '--cache-strategy', 'content', '--cache-location']);
    return args[4] ?? '';
  };

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'steadfill-lint-'));
    write('node_modules/.package-lock.json', '{"version":"1"}');
    write('eslint.config.mjs', 'export default [];');
    write('domain/price.ts', 'export type Price = string;');
    write('tools/lint-rules/index.mjs', 'export const rules = {};');
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('is the same while nothing changes, and whatever changes elsewhere', () => {
    const first = cacheFile();
    assert.equal(cacheFile(), first);
    write('node_modules/left-pad/index.js', 'changed by nobody but an installation');
    write('.steadfill/run.json', '{}');
    write('docs/testing.md', 'prose');
    assert.equal(cacheFile(), first);
  });

  for (const [what, file, before, after] of [
    ['a type', 'domain/price.ts', 'export type Price = string;', 'export type Price = number;'],
    ['a rule', 'tools/lint-rules/index.mjs', 'export const rules = {};', 'export const rules = { a: 1 };'],
    ['the configuration', 'eslint.config.mjs', 'export default [];', 'export default [{}];'],
    ['an installed version', 'node_modules/.package-lock.json', '{"version":"1"}', '{"version":"2"}'],
  ] as const) {
    it(`is another one when ${what} changes`, () => {
      const first = cacheFile();
      write(file, after);
      assert.notEqual(cacheFile(), first);
      write(file, before);
      assert.equal(cacheFile(), first);
    });
  }

  it('is another one when a source comes, goes or takes another name', () => {
    const first = cacheFile();
    write('domain/side.ts', 'export {};');
    const second = cacheFile();
    rmSync(join(root, 'domain/side.ts'));
    write('domain/sides.ts', 'export {};');
    assert.equal(new Set([first, second, cacheFile()]).size, 3);
    rmSync(join(root, 'domain/sides.ts'));
    assert.equal(cacheFile(), first);
  });

  it('takes away what an older tree left', () => {
    const file = cacheFile();
    write(`node_modules/.cache/steadfill/lint/old.json`, '{}');
    writeFileSync(file, '{}');
    assert.equal(cacheFile(), file);
    assert.ok(existsSync(file));
    assert.equal(readdirSync(dirname(file)).length, 1);
  });
});
