import { PART_NAMES, provision, ProvisioningError } from './provision';

/** Provisions everything (or the parts that are named) and prints where each is, as one JSON object. */
async function main(): Promise<void> {
  const named = PART_NAMES.filter((part) => process.argv.includes(part));
  const found = await provision({ parts: named.length === 0 ? PART_NAMES : named });
  process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
}

main().catch((fault: unknown) => {
  const text = fault instanceof ProvisioningError ? fault.message : String((fault as Error).stack ?? fault);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
