import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheEntry } from './cache';
import type { Part } from './ladder';
import { currentPlatform } from './platform';
import type { PartOptions } from './provision';
import {
  buildRung,
  cacheRung,
  downloadEntry,
  downloadRung,
  environmentRung,
  pathRung,
  versionCheck,
} from './rungs';
import { PACKAGES, TOXIPROXY_ARCHIVE, VERSIONS } from './versions';

/** A server that was built from source calls its version `git`, so any that names one will do. */
const check = versionCheck(['--version'], /^toxiproxy-server version (\S+)/m);
const kind = { flavour: 'toxiproxy', check };
const PROGRAM = 'toxiproxy-server';

/** The proxy that delays and cuts connections, which only load tests need. */
export function toxiproxyPart({ cache, env, platform = currentPlatform(), downloads }: PartOptions): Part {
  const download = {
    cache,
    part: 'toxiproxy',
    kind,
    platform,
    source: downloads?.toxiproxy ?? TOXIPROXY_ARCHIVE,
    ...(downloads?.limits !== undefined && { limits: downloads.limits }),
  };
  const built = cacheEntry('toxiproxy-go', VERSIONS.toxiproxy, PROGRAM, platform);
  return {
    name: 'toxiproxy',
    title: `toxiproxy ${VERSIONS.toxiproxy}`,
    rungs: [
      environmentRung('STEADFILL_TOXIPROXY', () => kind, env),
      pathRung(PROGRAM, kind, env),
      cacheRung(cache, [
        { entry: downloadEntry(download), kind },
        { entry: built, kind },
      ]),
      downloadRung(download),
      buildRung({
        name: 'go install',
        cache,
        entry: built,
        kind,
        env,
        tools: ['go'],
        what: `building ${PACKAGES.toxiproxyGo} (usually under half a minute)`,
        build: async (folder, run) => {
          await run('go', ['install', PACKAGES.toxiproxyGo], { GOBIN: folder });
          // Go names a program after its folder, which is cmd/server there.
          await rename(join(folder, 'server'), join(folder, PROGRAM));
        },
      }),
    ],
    remedies: [
      'Install toxiproxy (https://github.com/Shopify/toxiproxy) so that `toxiproxy-server` is on the PATH, or',
      'set STEADFILL_TOXIPROXY to the program, or',
      'install Go 1.24 or newer with access to a module proxy, or',
      `allow downloads from ${new URL(TOXIPROXY_ARCHIVE.url).host}.`,
    ],
  };
}
