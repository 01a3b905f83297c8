import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const REPOSITORY = resolve(__dirname, '../../..');
const SKIPPED = new Set(['node_modules', '.git', '.steadfill', 'dist', 'coverage', 'histories']);

/** Every file of the working tree that is ours, relative to the root, with forward slashes. */
export function repositoryFiles(): string[] {
  const list = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (SKIPPED.has(entry.name)) return [];
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return list(path);
      return entry.isFile() ? [relative(REPOSITORY, path).replaceAll('\\', '/')] : [];
    });
  return list(REPOSITORY).sort();
}

export function readRepositoryFile(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

/** Our documents: the Markdown at the root and under docs/. */
export function documents(): string[] {
  return repositoryFiles().filter((path) => /^(docs\/.+|[A-Z]+|\.github\/.+)\.md$/.test(path));
}
