import { chmod, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { credentialsSchema, hashKey, type Credentials } from './api-key';
import type { Principal } from './permissions';

/** Where the credentials file is, inside STEADFILL_HOME. */
export const CREDENTIALS_FILE_NAME = 'credentials.json';

const OWNER_ONLY = 0o600;

/**
 * The credentials in `file`; no keys when there is no such file. Throws when the file is not what we write, because
 * going on would overwrite keys that somebody uses.
 */
export async function readCredentials(file: string): Promise<Credentials> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return { keys: [] };
    throw fault;
  }
  return credentialsSchema.parse(JSON.parse(text));
}

/** Replaces `file` in one step, readable by its owner only. */
export async function writeCredentials(file: string, credentials: Credentials): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: OWNER_ONLY });
  await chmod(draft, OWNER_ONLY);
  await rename(draft, file);
}

/** The demo's own keys by hash, read again when the file changes: what stands in while MongoDB is away. */
export class CredentialsFile {
  private readonly file: string;
  private modifiedAtMs = -1;
  private principals = new Map<string, Principal>();

  constructor(file: string) {
    this.file = file;
  }

  async find(keyHash: string): Promise<Principal | undefined> {
    const modifiedAtMs = await stat(this.file).then(
      (found) => found.mtimeMs,
      () => 0,
    );
    if (modifiedAtMs !== this.modifiedAtMs) {
      const { keys } = await readCredentials(this.file);
      this.principals = new Map(
        keys.map(({ name, role, accounts, key }) => {
          const hash = hashKey(key);
          return [hash, { name, role, accounts, keyHash: hash }];
        }),
      );
      this.modifiedAtMs = modifiedAtMs;
    }
    return this.principals.get(keyHash);
  }
}
