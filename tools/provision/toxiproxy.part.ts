import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheEntry } from './cache';
import type { Part } from './ladder';
import { currentPlatform } from './platform';
import { programRungs } from './program-rungs';
import type { PartOptions } from './provision';
import { versionCheck } from './rungs';
import { PACKAGES, TOXIPROXY_ARCHIVE, VERSIONS } from './versions';

/** A server that was built from source calls its version `git`, so any that names one will do. */
const check = versionCheck(['--version'], /^toxiproxy-server version (\S+)/m);
const kind = { flavour: 'toxiproxy', check };
const PROGRAM = 'toxiproxy-server';

/** The proxy that delays and cuts connections, which only load tests need. */
export function toxiproxyPart(options: PartOptions): Part {
  const platform = options.platform ?? currentPlatform();
  return {
    name: 'toxiproxy',
    title: `toxiproxy ${VERSIONS.toxiproxy}`,
    rungs: programRungs(options, platform, {
      part: 'toxiproxy',
      program: PROGRAM,
      variable: 'STEADFILL_TOXIPROXY',
      kind,
      source: options.downloads?.toxiproxy ?? TOXIPROXY_ARCHIVE,
      built: cacheEntry('toxiproxy-go', VERSIONS.toxiproxy, PROGRAM, platform),
      build: {
        name: 'go install',
        tools: ['go'],
        what: `building ${PACKAGES.toxiproxyGo} (usually under half a minute)`,
        build: async (folder, run) => {
          await run('go', ['install', PACKAGES.toxiproxyGo], { GOBIN: folder });
          // Go names a program after its folder, which is cmd/server there.
          await rename(join(folder, 'server'), join(folder, PROGRAM));
        },
      },
    }),
    remedies: [
      'Install toxiproxy (https://github.com/Shopify/toxiproxy) so that `toxiproxy-server` is on the PATH, or',
      'set STEADFILL_TOXIPROXY to the program, or',
      'install Go 1.24 or newer with access to a module proxy, or',
      `allow downloads from ${new URL(TOXIPROXY_ARCHIVE.url).host}.`,
    ],
  };
}
