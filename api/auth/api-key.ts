import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ROLES } from './permissions';

const KEY_BYTES = 32;
const KEY_PREFIX = 'sf_';
/** A key is random of full length, so a plain hash of it cannot be guessed back and needs no salt. */
const KEY_PATTERN = /^[A-Za-z0-9_-]{20,128}$/;

/** A fresh key of 256 random bits, in URL-safe characters. */
export function generateKey(): string {
  return `${KEY_PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
}

export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The key of an Authorization header, or undefined when the header is absent or not a bearer key. */
export function bearerKey(header: string | undefined): string | undefined {
  const match = header === undefined ? null : /^Bearer ([^\s]+)$/i.exec(header);
  const key = match?.[1];
  return key !== undefined && KEY_PATTERN.test(key) ? key : undefined;
}

/** The credentials file of an installation (mode 0600): the demo's own keys in the clear. */
export const credentialsSchema = z.object({
  keys: z.array(
    z.object({
      name: z.string(),
      role: z.enum(ROLES),
      accounts: z.array(z.string()),
      key: z.string().regex(KEY_PATTERN),
    }),
  ),
});
export type Credentials = z.infer<typeof credentialsSchema>;
