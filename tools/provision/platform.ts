import { readFileSync } from 'node:fs';

/** The machine, in Node's own spelling, and on Linux the distribution. */
export interface Platform {
  os: NodeJS.Platform;
  arch: string;
  distribution?: { id: string; version: string; like: string };
}

export const platformKey = ({ os, arch }: Platform): string => `${os}-${arch}`;

/** Looks at the running machine. */
export function currentPlatform(osReleaseFile = '/etc/os-release'): Platform {
  const base: Platform = { os: process.platform, arch: process.arch };
  if (base.os !== 'linux') return base;
  try {
    return { ...base, distribution: parseOsRelease(readFileSync(osReleaseFile, 'utf8')) };
  } catch {
    return base;
  }
}

/** Reads the fields of os-release(5) that name the distribution. */
export function parseOsRelease(text: string): { id: string; version: string; like: string } {
  const field = (name: string): string =>
    new RegExp(`^${name}=["']?(.*?)["']?$`, 'm').exec(text)?.[1]?.toLowerCase() ?? '';
  return { id: field('ID'), version: field('VERSION_ID'), like: field('ID_LIKE') };
}

/**
 * The name that MongoDB gives to archives that run on this distribution, or undefined when none is known to. Newer
 * releases take the newest archive there is, because glibc and OpenSSL stay compatible forwards.
 */
export function mongodbDistribution({ arch, distribution }: Platform): string | undefined {
  if (distribution === undefined) return undefined;
  const { id, like } = distribution;
  const version = Number.parseInt(distribution.version, 10);
  const family = `${id} ${like}`;
  if (id === 'ubuntu') return version >= 24 ? 'ubuntu2404' : version >= 22 ? 'ubuntu2204' : 'ubuntu2004';
  if (id === 'debian') return arch === 'arm64' ? 'ubuntu2204' : version >= 12 ? 'debian12' : undefined;
  if (id === 'amzn') return version >= 2023 ? 'amazon2023' : undefined;
  if (/rhel|fedora|centos/.test(family)) return version >= 9 ? 'rhel93' : version >= 8 ? 'rhel8' : undefined;
  if (/ubuntu|debian/.test(family)) return 'ubuntu2204';
  return undefined;
}
