import { writeFile } from 'node:fs/promises';
import { bundleWorkflows } from './workflow-bundle';

/** Writes the workflow bundle of the tree that this file is in to the file that is named: a step of making a build. */
async function main(): Promise<void> {
  const [target] = process.argv.slice(2);
  if (target === undefined) throw new Error('the file to write is missing');
  const { code } = await bundleWorkflows();
  await writeFile(target, code);
}

void main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
