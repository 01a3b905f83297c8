import { chmod, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheEntry } from './cache';
import { LIMITS } from './limits';
import type { Part, Rung } from './ladder';
import { canConnect } from './network';
import { currentPlatform, mongodbDistribution } from './platform';
import type { PartOptions } from './provision';
import { runCommand } from './run-command';
import {
  buildRung,
  cacheRung,
  downloadEntry,
  downloadRung,
  environmentRung,
  onlyFlavour,
  pathRung,
  versionCheck,
  type Cached,
  type ProgramKind,
} from './rungs';
import { compareVersions } from './versions-compare';
import { MONGODB_LINUX_ARCHIVE, MONGODB_MACOS_ARCHIVE, PACKAGES, VERSIONS } from './versions';

const mongod: ProgramKind = {
  flavour: 'mongod',
  check: versionCheck(['--version'], /db version v(\d+\.\d+\.\d+)/, (version) =>
    compareVersions(version, VERSIONS.mongodbMinimum) < 0
      ? `older than ${VERSIONS.mongodbMinimum}`
      : undefined,
  ),
};
const secantusRust: ProgramKind = {
  flavour: 'secantusd-rs',
  check: versionCheck(['--version'], /(\d+\.\d+\.\d+\S*)/),
};
/** The Python one names no version; that it runs at all is what can go wrong, because it needs its interpreter. */
const secantusPython: ProgramKind = {
  flavour: 'secantusd-py',
  check: async (program, { signal }) => {
    const result = await runCommand(program, ['--help'], { signal, timeLimitMs: LIMITS.versionCheckMs });
    return result.ok ? { version: VERSIONS.secantusPython } : { unfit: `${program} --help did not work` };
  },
};

const kindOf = (program: string): ProgramKind =>
  [secantusRust, secantusPython].find(({ flavour }) => basename(program) === flavour) ?? mongod;

/** A server that runs already. It is only asked whether it accepts connections: the setup checks it properly. */
function uriRung(env: NodeJS.ProcessEnv): Rung {
  return {
    name: 'environment variable MONGODB_URI',
    timeLimitMs: LIMITS.quickRungMs,
    attempt: async () => {
      const uri = env['MONGODB_URI'];
      if (uri === undefined || uri === '') return { movedOn: 'not set' };
      const host = /^mongodb:\/\/(?:[^@/]*@)?([^/,?]+)/.exec(uri)?.[1];
      const [name = '', port = '27017'] = host?.split(':') ?? [];
      if (host !== undefined && !(await canConnect(name, Number(port), LIMITS.connectMs))) {
        return { refused: `is set, but ${name}:${port} does not accept connections` };
      }
      return { found: { value: uri, flavour: 'external', version: 'as the server says' } };
    },
  };
}

/** pip makes scripts that know their folder by heart, so a wrapper that finds it at run time is put beside. */
const PYTHON_WRAPPER = [
  '#!/bin/sh',
  'here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)',
  'exec "$here/venv/bin/python" "$here/venv/bin/secantusd-py" "$@"',
  '',
].join('\n');

function cargoRung(cached: Cached, { cache, env }: PartOptions): Rung {
  const { secantusCrate } = PACKAGES;
  const flags = ['--locked', '--ignore-rust-version', '--version', VERSIONS.secantusRust];
  return buildRung({
    name: 'cargo install',
    cache,
    ...cached,
    env,
    tools: ['cargo'],
    what: `building ${secantusCrate} ${VERSIONS.secantusRust}, which speaks the MongoDB protocol (usually 3 to 5 minutes)`,
    build: async (folder, run) => {
      const target = join(folder, 'target');
      await run('cargo', ['install', secantusCrate, ...flags, '--root', folder], {
        CARGO_TARGET_DIR: target,
      });
      await rm(target, { recursive: true, force: true });
    },
  });
}

function pipRung(cached: Cached, { cache, env }: PartOptions): Rung {
  return buildRung({
    name: 'pip install',
    cache,
    ...cached,
    env,
    tools: ['python3'],
    what: `installing ${PACKAGES.secantusPython}, which speaks the MongoDB protocol but is slow`,
    build: async (folder, run) => {
      await run('python3', ['-m', 'venv', 'venv']);
      await run(join(folder, 'venv/bin/python'), [
        '-m',
        'pip',
        'install',
        '--quiet',
        PACKAGES.secantusPython,
      ]);
      await writeFile(join(folder, 'secantusd-py'), PYTHON_WRAPPER);
      await chmod(join(folder, 'secantusd-py'), 0o755);
    },
  });
}

/**
 * A server for the MongoDB protocol: MongoDB itself where it can be had, else a stand-in that keeps data on disk.
 * With `flavour` only that program will do, because the others cannot read its data.
 */
export function mongodbPart(options: PartOptions & { flavour?: string; acceptUri?: boolean }): Part {
  const { cache, env, platform = currentPlatform(), downloads, flavour, acceptUri = true } = options;
  const source =
    downloads?.mongodb ?? (platform.os === 'darwin' ? MONGODB_MACOS_ARCHIVE : MONGODB_LINUX_ARCHIVE);
  const download = {
    cache,
    part: 'mongodb',
    kind: mongod,
    platform,
    source,
    ...(source.url.includes('{distro}') && { distribution: mongodbDistribution(platform) }),
    ...(downloads?.limits !== undefined && { limits: downloads.limits }),
  };
  const rust = {
    entry: cacheEntry('secantus-rust', VERSIONS.secantusRust, 'bin/secantusd-rs', platform),
    kind: secantusRust,
  };
  const python = {
    entry: cacheEntry('secantus-python', VERSIONS.secantusPython, 'secantusd-py', platform),
    kind: secantusPython,
  };
  const inCache = [{ entry: downloadEntry(download), kind: mongod }, rust, python];
  return {
    name: 'mongodb',
    title: `MongoDB ${VERSIONS.mongodb} or a stand-in`,
    rungs: [
      ...(acceptUri ? [uriRung(env)] : []),
      environmentRung('STEADFILL_MONGOD', kindOf, env),
      onlyFlavour(pathRung('mongod', mongod, env), flavour, 'mongod'),
      cacheRung(
        cache,
        flavour === undefined ? inCache : inCache.filter(({ kind }) => kind.flavour === flavour),
      ),
      onlyFlavour(downloadRung(download), flavour, 'mongod'),
      onlyFlavour(cargoRung(rust, options), flavour, 'secantusd-rs'),
      onlyFlavour(pipRung(python, options), flavour, 'secantusd-py'),
    ],
    remedies: [
      'Set MONGODB_URI to a MongoDB that runs (a replica set, 6.0 or newer), or',
      'install MongoDB so that `mongod` is on the PATH, or set STEADFILL_MONGOD to the program, or',
      'install Rust (cargo) or Python 3 with pip, with access to their package registries, or',
      `allow downloads from ${new URL(source.url).host}.`,
    ],
  };
}
