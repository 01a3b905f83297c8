import { chmod, readdir, rename, rm, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { extract } from 'tar';
import { downloadFile, downloadText, type DownloadLimits } from './download';
import { platformKey, type Platform } from './platform';

/** An official archive: where it is, how the publisher spells platforms, and what it must hash to. */
export interface ArchiveSource {
  url: string;
  version: string;
  os: Partial<Record<NodeJS.Platform, string>>;
  arch: Record<string, string>;
  /** File name of the program inside the archive. */
  member: string;
  /** Pinned checksums by `os-arch` or, where archives differ by distribution, `os-arch-distribution`. */
  sha256: Record<string, string>;
  /** The publisher's own checksum file, used where no checksum is pinned. */
  checksumUrl?: string;
}

export interface ResolvedArchive {
  url: string;
  pinned?: string;
  checksumUrl?: string;
}

/** Fills the address for a platform, or says why there is nothing to download for it. */
export function resolveArchive(
  source: ArchiveSource,
  platform: Platform,
  distribution?: string,
): { archive: ResolvedArchive } | { unavailable: string } {
  const os = source.os[platform.os];
  const arch = source.arch[platform.arch];
  const key = platformKey(platform);
  if (os === undefined || arch === undefined) return { unavailable: `nothing is published for ${key}` };
  if (source.url.includes('{distro}') && distribution === undefined) {
    return { unavailable: 'nothing is published for this distribution' };
  }
  const pinned = source.sha256[distribution === undefined ? key : `${key}-${distribution}`];
  if (pinned === undefined && source.checksumUrl === undefined) {
    return { unavailable: `no checksum is known for ${key}, and nothing unverified is downloaded` };
  }
  const values: Record<string, string> = { version: source.version, os, arch, distro: distribution ?? '' };
  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  return {
    archive: {
      url: fill(source.url),
      ...(pinned !== undefined && { pinned }),
      ...(source.checksumUrl !== undefined && { checksumUrl: fill(source.checksumUrl) }),
    },
  };
}

export interface FetchArchiveOptions {
  archive: ResolvedArchive;
  member: string;
  folder: string;
  signal: AbortSignal;
  limits?: DownloadLimits;
  say: (text: string) => void;
}

/**
 * Downloads an archive, verifies it and puts its one program into `folder`. Nothing is unpacked before the checksum
 * agrees. Throws when the download fails, the checksum differs or the program is not inside.
 */
export async function fetchArchive(options: FetchArchiveOptions): Promise<void> {
  const { archive, member, folder, signal, limits, say } = options;
  const download = { signal, ...(limits !== undefined && { limits }) };
  const wanted = archive.pinned ?? (await publishedChecksum(archive, download));
  const file = join(folder, 'archive.tgz');
  const actual = await downloadFile(archive.url, file, { ...download, onProgress: percentTeller(say) });
  if (actual !== wanted) {
    throw new Error(`wrong checksum for ${basename(archive.url)}: sha256 is ${actual}, expected ${wanted}`);
  }
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  await extract({ file, cwd: unpacked, filter: (path) => basename(path) === member });
  const inside = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const program = inside.find((entry) => entry.isFile() && entry.name === member);
  if (program === undefined) throw new Error(`${basename(archive.url)} holds no ${member}`);
  await rename(join(program.parentPath, program.name), join(folder, member));
  await chmod(join(folder, member), 0o755);
  await Promise.all([rm(file), rm(unpacked, { recursive: true })]);
}

async function publishedChecksum(
  { url, checksumUrl }: ResolvedArchive,
  options: { signal: AbortSignal; limits?: DownloadLimits },
): Promise<string> {
  if (checksumUrl === undefined)
    throw new Error('no checksum is known, and nothing unverified is downloaded');
  const text = await downloadText(checksumUrl, options);
  const lines = text.split('\n').filter((line) => /\b[0-9a-f]{64}\b/i.test(line));
  // A file for several archives names each; one that holds a single checksum is about ours whatever it says.
  const own = lines.length === 1 ? lines[0] : lines.find((line) => line.trimEnd().endsWith(basename(url)));
  const hash = /\b[0-9a-f]{64}\b/i.exec(own ?? '')?.[0];
  if (hash === undefined) throw new Error(`${basename(checksumUrl)} holds no sha256 of ${basename(url)}`);
  return hash.toLowerCase();
}

const PERCENT_STEP = 10;
const MEGABYTE = 1_000_000;

function percentTeller(say: (text: string) => void): (received: number, total: number | undefined) => void {
  let told = -1;
  return (received, total) => {
    const step =
      total === undefined
        ? Math.floor(received / (20 * MEGABYTE))
        : Math.floor((received / total) * PERCENT_STEP);
    if (step === told) return;
    told = step;
    const size = total === undefined ? '' : ` of ${(total / MEGABYTE).toFixed(0)} MB`;
    say(`${(received / MEGABYTE).toFixed(0)}${size === '' ? ' MB' : size} downloaded`);
  };
}
