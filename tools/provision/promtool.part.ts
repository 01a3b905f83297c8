import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheEntry } from './cache';
import type { Part } from './ladder';
import { currentPlatform } from './platform';
import { programRungs } from './program-rungs';
import type { PartOptions } from './provision';
import { versionCheck, type BuildCommand } from './rungs';
import { compareVersions } from './versions-compare';
import { PACKAGES, PROMETHEUS_ARCHIVE, VERSIONS } from './versions';

const check = versionCheck(['--version'], /promtool, version (\d+\.\d+\.\d+)/, (version) =>
  compareVersions(version, VERSIONS.promtoolMinimum) < 0
    ? `older than ${VERSIONS.promtoolMinimum}`
    : undefined,
);
const kind = { flavour: 'promtool', check };

/** Takes the one program out of the distribution's package: nothing is installed, and no service is started. */
async function unpackPackage(folder: string, run: BuildCommand): Promise<void> {
  await run('apt-get', ['download', PACKAGES.prometheusDebian]);
  const file = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get left no package ${PACKAGES.prometheusDebian}`);
  const unpacked = join(folder, 'unpacked');
  await run('dpkg-deb', ['-x', file, unpacked]);
  await rename(join(unpacked, 'usr/bin/promtool'), join(folder, 'promtool'));
  await Promise.all([rm(join(folder, file)), rm(unpacked, { recursive: true })]);
}

/**
 * Prometheus' tool that checks and tests alert rules; only tests need it. It cannot be built with `go install`, because
 * its go.mod holds a `replace`.
 */
export function promtoolPart(options: PartOptions): Part {
  const platform = options.platform ?? currentPlatform();
  return {
    name: 'promtool',
    title: `promtool of Prometheus ${VERSIONS.prometheus}`,
    rungs: programRungs(options, platform, {
      part: 'promtool',
      program: 'promtool',
      variable: 'STEADFILL_PROMTOOL',
      kind,
      source: options.downloads?.prometheus ?? PROMETHEUS_ARCHIVE,
      built: cacheEntry('promtool-debian', VERSIONS.prometheus, 'promtool', platform),
      build: {
        name: 'apt-get download',
        tools: ['apt-get', 'dpkg-deb'],
        what: `unpacking promtool from the package ${PACKAGES.prometheusDebian}`,
        build: unpackPackage,
      },
    }),
    remedies: [
      'Install Prometheus so that `promtool` is on the PATH, or set STEADFILL_PROMTOOL to the program, or',
      'refresh the package lists (`apt-get update`), or',
      `allow downloads from ${new URL(PROMETHEUS_ARCHIVE.url).host}.`,
    ],
  };
}
