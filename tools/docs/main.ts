import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GENERATED_PARTS, replacePart } from './tables';

const ROOT = resolve(__dirname, '../..');

/** Writes the parts of the documents that come from the code; a test fails while they differ. */
async function main(): Promise<void> {
  for (const { document, part, table } of GENERATED_PARTS) {
    const path = join(ROOT, document);
    const before = await readFile(path, 'utf8');
    const after = replacePart(before, part, table());
    if (after !== before) await writeFile(path, after);
    console.log(`${document}: ${after === before ? 'is up to date' : 'written'}`);
  }
}

main().catch((fault: unknown) => {
  console.error(fault);
  process.exitCode = 1;
});
