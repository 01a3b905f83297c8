import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { REPOSITORY, documents, readRepositoryFile } from './source-files';

// Goal: the documents name only what exists. Method: links, anchors, paths and npm scripts are looked up.

/** Folders whose files the documents speak of by path. */
const TOP_LEVEL =
  /^(domain|workflows|activities|venues|api|workers|config|observability|storage|temporal-config|dashboards|tools|test|docs)\//;

const scripts = Object.keys(
  (JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> }).scripts,
);

/** The document without its code blocks, where brackets and backticks mean other things. */
function prose(path: string): string {
  return readRepositoryFile(path).replace(/^```[\s\S]*?^```/gm, '');
}

/** Anchors as GitHub makes them from headings. */
function anchors(path: string): Set<string> {
  const headings = [...prose(path).matchAll(/^#+ +(.+)$/gm)].map(([, title = '']) => title);
  const slug = (title: string) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
  return new Set(headings.map(slug));
}

for (const path of documents()) {
  describe(`document ${path}`, () => {
    it('has links that lead somewhere', () => {
      const targets = [...prose(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
      const broken = targets.filter((target) => {
        if (/^(https?|mailto):/.test(target)) return false;
        const [file = '', anchor] = target.split('#');
        const found = file === '' ? path : normalize(join(dirname(path), file)).replaceAll('\\', '/');
        if (!existsSync(join(REPOSITORY, found))) return true;
        return anchor !== undefined && found.endsWith('.md') && !anchors(found).has(anchor);
      });
      assert.deepEqual(broken, []);
    });

    it('names files that exist', () => {
      const named = [...prose(path).matchAll(/`([^`\s]+)`/g)].map(([, name = '']) => name);
      const missing = named.filter((name) => {
        const isPattern = /[*<>{}|…]/.test(name) || name.includes('...');
        return TOP_LEVEL.test(name) && !isPattern && !existsSync(join(REPOSITORY, name));
      });
      assert.deepEqual(missing, []);
    });

    it('names npm scripts that exist', () => {
      const named = [...readRepositoryFile(path).matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g)].map(
        ([, name = '']) => name,
      );
      assert.deepEqual(
        named.filter((name) => !scripts.includes(name)),
        [],
      );
    });
  });
}
