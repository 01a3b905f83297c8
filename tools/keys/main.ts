import { Command, InvalidArgumentError, Option } from 'commander';
import { generateKey } from '../../api/auth/api-key';
import { insertKey, listKeys, revokeKeys } from '../../api/auth/key-store';
import { ALL_ACCOUNTS, ROLES, type Role } from '../../api/auth/permissions';
import { IDENTIFIER_PATTERN } from '../../domain/order/order-id';
import type { Mongo } from '../../storage/mongo';
import { withMongo } from '../support/with-mongo';

/** A list longer than this is a mistake; "*" says the same. */
const ACCOUNTS_MAX = 1_000;

interface AddOptions {
  role: Role;
  accounts: string[];
  json?: boolean;
}

function accountList(text: string): string[] {
  const accounts = [...new Set(text.split(',').map((account) => account.trim()))];
  const fits = (account: string): boolean => account === ALL_ACCOUNTS || IDENTIFIER_PATTERN.test(account);
  if (accounts.length > ACCOUNTS_MAX || !accounts.every(fits)) {
    throw new InvalidArgumentError(`a comma-separated list of accounts, or "${ALL_ACCOUNTS}" for all`);
  }
  return accounts;
}

function keyName(text: string): string {
  if (!IDENTIFIER_PATTERN.test(text)) {
    throw new InvalidArgumentError('1 to 64 letters, digits, dots, underscores or hyphens');
  }
  return text;
}

async function addKey(mongo: Mongo, name: string, { role, accounts, json }: AddOptions): Promise<void> {
  const key = generateKey();
  await insertKey(mongo.db, { name, role, accounts, key });
  if (json === true) return print(JSON.stringify({ name, role, accounts, key }));
  print(key);
  process.stderr.write(`This is the only time that the key of ${name} is shown.\n`);
}

async function revoke(mongo: Mongo, name: string, json: boolean): Promise<void> {
  const revoked = await revokeKeys(mongo.db, name);
  print(json ? JSON.stringify({ name, revoked }) : `${revoked} key(s) of ${name} revoked.`);
  if (revoked === 0) process.exitCode = 1;
}

async function list(mongo: Mongo, json: boolean): Promise<void> {
  for (const { _id, name, role, accounts, createdAt, revokedAt } of await listKeys(mongo.db)) {
    const hash = _id.slice(0, 12);
    const record = { name, role, accounts, hash, createdAt, revokedAt: revokedAt ?? null };
    if (json) print(JSON.stringify(record));
    else print([name, role, accounts.join(','), hash, createdAt, revokedAt ?? 'live'].join('\t'));
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const program = new Command('keys').description('Manages the API keys of an installation');
  program
    .command('add')
    .description('makes a key and shows it once')
    .argument('<name>', 'who will hold it', keyName)
    .addOption(new Option('--role <role>', 'what its holder may do').choices(ROLES).makeOptionMandatory())
    .requiredOption('--accounts <accounts>', `comma-separated, or "${ALL_ACCOUNTS}"`, accountList)
    .option('--json', 'print one JSON object')
    .action((name: string, options: AddOptions) => withMongo((mongo) => addKey(mongo, name, options)));
  program
    .command('revoke')
    .description('ends every live key of a name, within five seconds everywhere')
    .argument('<name>', 'who holds it', keyName)
    .option('--json', 'print one JSON object')
    .action((name: string, { json }: { json?: boolean }) =>
      withMongo((mongo) => revoke(mongo, name, json === true)),
    );
  program
    .command('list')
    .description('lists keys without showing them')
    .option('--json', 'print one JSON object a line')
    .action(({ json }: { json?: boolean }) => withMongo((mongo) => list(mongo, json === true)));
  await program.parseAsync();
}

void main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
