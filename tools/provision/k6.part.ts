import { cacheEntry } from './cache';
import type { Part } from './ladder';
import { currentPlatform } from './platform';
import { programRungs } from './program-rungs';
import type { PartOptions } from './provision';
import { versionCheck } from './rungs';
import { compareVersions } from './versions-compare';
import { K6_ARCHIVE, PACKAGES, VERSIONS } from './versions';

const check = versionCheck(['version'], /^k6\S* v?(\d+\.\d+\.\d+)/m, (version) => {
  if (compareVersions(version, VERSIONS.k6Minimum) < 0) return `older than ${VERSIONS.k6Minimum}`;
  return compareVersions(version, VERSIONS.k6Below) >= 0 ? 'newer than what is known' : undefined;
});

const kind = { flavour: 'k6', check };

/** The load generator, which only load tests need. It is run as a program of its own and never linked or copied. */
export function k6Part(options: PartOptions): Part {
  const platform = options.platform ?? currentPlatform();
  return {
    name: 'k6',
    title: `k6 load generator ${VERSIONS.k6}`,
    rungs: programRungs(options, platform, {
      part: 'k6',
      program: 'k6',
      variable: 'STEADFILL_K6',
      kind,
      source: options.downloads?.k6 ?? K6_ARCHIVE,
      built: cacheEntry('k6-go', VERSIONS.k6, 'k6', platform),
      build: {
        name: 'go install',
        tools: ['go'],
        what: `building ${PACKAGES.k6Go} (usually 1 to 2 minutes)`,
        build: (folder, run) => run('go', ['install', PACKAGES.k6Go], { GOBIN: folder }),
      },
    }),
    remedies: [
      'Install k6 (https://grafana.com/docs/k6/latest/set-up/install-k6/) so that `k6` is on the PATH, or',
      'set STEADFILL_K6 to the program, or',
      'install Go 1.24 or newer with access to a module proxy, or',
      `allow downloads from ${new URL(K6_ARCHIVE.url).host}.`,
    ],
  };
}
