import { resolve } from 'node:path';
import { makeBuild } from './make-build';

/** Makes the build of this tree in the home that is named and prints its id: the step that an image is made with. */
async function main(): Promise<void> {
  const [home] = process.argv.slice(2);
  if (home === undefined) throw new Error('the home to put the build in is missing');
  const { buildId } = await makeBuild({ home: resolve(home) });
  process.stdout.write(`${buildId}\n`);
}

void main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
