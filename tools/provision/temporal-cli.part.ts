import { cacheEntry } from './cache';
import type { Part } from './ladder';
import { currentPlatform } from './platform';
import { programRungs } from './program-rungs';
import type { PartOptions } from './provision';
import { versionCheck } from './rungs';
import { compareVersions } from './versions-compare';
import { PACKAGES, TEMPORAL_CLI_ARCHIVE, VERSIONS } from './versions';

/** A CLI that was built from source calls itself 0.0.0-DEV, so what counts is the server inside. */
const check = versionCheck(['--version'], /Server (\d+\.\d+\.\d+)/, (version) => {
  if (compareVersions(version, VERSIONS.temporalServerMinimum) < 0) {
    return `its server is older than ${VERSIONS.temporalServerMinimum}`;
  }
  return compareVersions(version, VERSIONS.temporalServerBelow) >= 0
    ? 'its server is newer than what is known'
    : undefined;
});

const kind = { flavour: 'temporal', check };

/** The `temporal` command: development server, UI and command line in one program. */
export function temporalCliPart(options: PartOptions): Part {
  const platform = options.platform ?? currentPlatform();
  return {
    name: 'temporal',
    title: `Temporal server, UI and CLI ${VERSIONS.temporalCli}`,
    rungs: programRungs(options, platform, {
      part: 'temporal',
      program: 'temporal',
      variable: 'STEADFILL_TEMPORAL_CLI',
      kind,
      source: options.downloads?.temporal ?? TEMPORAL_CLI_ARCHIVE,
      built: cacheEntry('temporal-go', VERSIONS.temporalCli, 'temporal', platform),
      build: {
        name: 'go install',
        tools: ['go'],
        what: `building ${PACKAGES.temporalCliGo} (usually 2 to 4 minutes)`,
        build: (folder, run) => run('go', ['install', PACKAGES.temporalCliGo], { GOBIN: folder }),
      },
    }),
    remedies: [
      'Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on the PATH, or',
      'set STEADFILL_TEMPORAL_CLI to the program, or',
      'install Go 1.24 or newer with access to a module proxy, or',
      `allow downloads from ${new URL(TEMPORAL_CLI_ARCHIVE.url).host}.`,
    ],
  };
}
