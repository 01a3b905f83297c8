import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheEntry } from './cache';
import type { Part } from './ladder';
import { LIMITS } from './limits';
import { currentPlatform } from './platform';
import type { PartOptions } from './provision';
import {
  buildRung,
  cacheRung,
  downloadEntry,
  downloadRung,
  environmentRung,
  pathRung,
  type ProgramKind,
} from './rungs';
import { runCommand } from './run-command';
import { PACKAGES, TEST_SERVER_ARCHIVE, VERSIONS } from './versions';

/** The server names no version and has no option that ends at once, so being there is all that is asked of it. */
const native = (version: string): ProgramKind => ({
  flavour: 'test-server',
  check: async () => ({ version }),
});

const onJava = (env: NodeJS.ProcessEnv): ProgramKind => ({
  flavour: 'test-server-java',
  check: async (_program, { signal }) => {
    const options = { signal, timeLimitMs: LIMITS.versionCheckMs, env: { PATH: env['PATH'] ?? '' } };
    const result = await runCommand('java', ['-version'], options);
    return result.ok
      ? { version: VERSIONS.testServerMaven }
      : { unfit: 'it needs Java, and `java -version` does not work' };
  },
});

const WRAPPER = [
  '#!/bin/sh',
  'here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)',
  'exec java -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"',
  '',
].join('\n');

function mavenProject(): string {
  const { group, artifact, version } = PACKAGES.testServerMaven;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>steadfill</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`;
}

/** Temporal's time-skipping test server, which only tests need. */
export function testServerPart({ cache, env, platform = currentPlatform(), downloads }: PartOptions): Part {
  const source = downloads?.testServer ?? TEST_SERVER_ARCHIVE;
  const kind = native(source.version);
  const download = {
    cache,
    part: 'test-server',
    kind,
    platform,
    source,
    ...(downloads?.limits !== undefined && { limits: downloads.limits }),
  };
  const maven = cacheEntry('test-server-maven', VERSIONS.testServerMaven, 'temporal-test-server', platform);
  const copy = `${PACKAGES.mavenDependencyPlugin}:copy-dependencies`;
  return {
    name: 'test-server',
    title: `Temporal time-skipping test server ${VERSIONS.testServerMaven}`,
    rungs: [
      environmentRung('STEADFILL_TEST_SERVER', () => native('as given'), env),
      pathRung('temporal-test-server', native('as found'), env),
      cacheRung(cache, [
        { entry: downloadEntry(download), kind },
        { entry: maven, kind: onJava(env) },
      ]),
      downloadRung(download),
      buildRung({
        name: 'Maven',
        cache,
        entry: maven,
        kind: onJava(env),
        env,
        tools: ['mvn', 'java'],
        what: `fetching ${Object.values(PACKAGES.testServerMaven).join(':')} with its dependencies`,
        build: async (folder, run) => {
          await writeFile(join(folder, 'pom.xml'), mavenProject());
          await run('mvn', [
            '-B',
            '-q',
            copy,
            '-DincludeScope=runtime',
            `-DoutputDirectory=${join(folder, 'lib')}`,
          ]);
          await writeFile(join(folder, 'temporal-test-server'), WRAPPER);
          await chmod(join(folder, 'temporal-test-server'), 0o755);
        },
      }),
    ],
    remedies: [
      'Set STEADFILL_TEST_SERVER to a Temporal test server, or',
      'install Java 17 or newer and Maven with access to a repository, or',
      `allow downloads from ${new URL(TEST_SERVER_ARCHIVE.url).host}.`,
    ],
  };
}
