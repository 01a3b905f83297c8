import { delimiter, join } from 'node:path';
import { cacheEntry, installIntoCache, isExecutable, programPath, type CacheEntry } from './cache';
import { fetchArchive, resolveArchive, type ArchiveSource } from './download-archive';
import type { DownloadLimits } from './download';
import { LIMITS } from './limits';
import type { Rung, RungContext, RungOutcome } from './ladder';
import type { Platform } from './platform';
import { outputTail, runCommand } from './run-command';

/** What a program must answer to be taken: its version, or why it will not do. */
export type ProgramCheck = (
  program: string,
  context: RungContext,
) => Promise<{ version: string } | { unfit: string }>;

export interface ProgramKind {
  flavour: string;
  check: ProgramCheck;
}

/** Runs `program` with `args` and reads a version from what it says. */
export function versionCheck(
  args: readonly string[],
  pattern: RegExp,
  fits: (version: string) => string | undefined = () => undefined,
): ProgramCheck {
  return async (program, { signal }) => {
    const result = await runCommand(program, args, { signal, timeLimitMs: LIMITS.versionCheckMs });
    if (!result.ok)
      return { unfit: `${program} ${args.join(' ')} did not work: ${outputTail(result.output, 2)}` };
    const version = pattern.exec(result.output)?.[1];
    if (version === undefined) return { unfit: `${program} ${args.join(' ')} named no version` };
    const unfit = fits(version);
    return unfit === undefined ? { version } : { unfit: `${program} is version ${version}: ${unfit}` };
  };
}

async function checked(kind: ProgramKind, program: string, context: RungContext): Promise<RungOutcome> {
  const answer = await kind.check(program, context);
  if ('unfit' in answer) return { movedOn: answer.unfit };
  return { found: { value: program, flavour: kind.flavour, version: answer.version } };
}

/** A program that the user names in a variable; when it will not do, the ladder ends. */
export function environmentRung(
  variable: string,
  kindOf: (program: string) => ProgramKind,
  env: NodeJS.ProcessEnv,
): Rung {
  return {
    name: `environment variable ${variable}`,
    timeLimitMs: LIMITS.quickRungMs,
    attempt: async (context) => {
      const program = env[variable];
      if (program === undefined || program === '') return { movedOn: 'not set' };
      if (!(await isExecutable(program)))
        return { refused: `is set to ${program}, which is not an executable file` };
      const outcome = await checked(kindOf(program), program, context);
      return 'movedOn' in outcome ? { refused: `is set, but ${outcome.movedOn}` } : outcome;
    },
  };
}

/** The first program of this name on the PATH, or undefined. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((part) => part !== '')) {
    const candidate = join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

export function pathRung(name: string, kind: ProgramKind, env: NodeJS.ProcessEnv): Rung {
  return {
    name: 'PATH',
    timeLimitMs: LIMITS.quickRungMs,
    attempt: async (context) => {
      const program = await findOnPath(name, env);
      return program === undefined
        ? { movedOn: `no ${name} on the PATH` }
        : await checked(kind, program, context);
    },
  };
}

export interface Cached {
  entry: CacheEntry;
  kind: ProgramKind;
}

export function cacheRung(cache: string, candidates: readonly Cached[]): Rung {
  return {
    name: 'cache',
    timeLimitMs: LIMITS.quickRungMs,
    attempt: async (context) => {
      const unfit: string[] = [];
      for (const { entry, kind } of candidates) {
        const program = programPath(cache, entry);
        if (!(await isExecutable(program))) continue;
        const outcome = await checked(kind, program, context);
        if ('found' in outcome) return outcome;
        if ('movedOn' in outcome) unfit.push(outcome.movedOn);
      }
      return { movedOn: unfit.length === 0 ? `nothing in ${cache}` : unfit.join('; ') };
    },
  };
}

export interface DownloadRungOptions {
  cache: string;
  part: string;
  kind: ProgramKind;
  source: ArchiveSource;
  platform: Platform;
  distribution?: string | undefined;
  limits?: DownloadLimits;
}

export function downloadEntry({ part, source, platform }: DownloadRungOptions): CacheEntry {
  return cacheEntry(part, source.version, source.member, platform);
}

export function downloadRung(options: DownloadRungOptions): Rung {
  const { cache, source, kind, limits } = options;
  return {
    name: 'official download',
    timeLimitMs: LIMITS.downloadMs,
    attempt: async (context) => {
      const resolved = resolveArchive(source, options.platform, options.distribution);
      if ('unavailable' in resolved) return { movedOn: resolved.unavailable };
      const { archive } = resolved;
      const { say, signal } = context;
      const build = async (folder: string): Promise<void> => {
        say(archive.url);
        await fetchArchive({
          archive,
          member: source.member,
          folder,
          signal,
          say,
          ...(limits !== undefined && { limits }),
        });
      };
      const entry = downloadEntry(options);
      const program = await installIntoCache({ cache, entry, waitMs: LIMITS.downloadMs, say, build });
      return await checked(kind, program, context);
    },
  };
}

export interface BuildRungOptions {
  name: string;
  cache: string;
  entry: CacheEntry;
  kind: ProgramKind;
  /** Programs that must be on the PATH. */
  tools: readonly string[];
  /** What it does and how long that usually takes. */
  what: string;
  build: (folder: string, run: BuildCommand) => Promise<void>;
  env: NodeJS.ProcessEnv;
}

/** Runs one command of a build; throws with the end of its output when it fails. */
export type BuildCommand = (
  command: string,
  args: readonly string[],
  env?: Record<string, string>,
) => Promise<void>;

export function buildRung(options: BuildRungOptions): Rung {
  const { name, cache, entry, kind, what } = options;
  return {
    name,
    timeLimitMs: LIMITS.buildMs,
    attempt: async (context) => {
      for (const tool of options.tools) {
        if ((await findOnPath(tool, options.env)) === undefined) return { movedOn: `no ${tool} on the PATH` };
      }
      const { say } = context;
      const build = async (folder: string): Promise<void> => {
        say(what);
        await options.build(folder, buildCommand(folder, context, options.env));
      };
      const program = await installIntoCache({ cache, entry, waitMs: LIMITS.buildMs, say, build });
      return await checked(kind, program, context);
    },
  };
}

function buildCommand(folder: string, { say, signal }: RungContext, base: NodeJS.ProcessEnv): BuildCommand {
  return async (command, args, env) => {
    const startedAtMs = Date.now();
    const seconds = (): string => `${Math.round((Date.now() - startedAtMs) / 1_000)} s`;
    const heartbeat = setInterval(
      () => say(`${command} has been working for ${seconds()}`),
      LIMITS.heartbeatMs,
    );
    try {
      const options = {
        cwd: folder,
        signal,
        timeLimitMs: LIMITS.buildMs,
        env: { PATH: base['PATH'] ?? '', ...env },
      };
      const result = await runCommand(command, args, options);
      if (!result.ok) {
        throw new Error(
          `${command} ${args[0] ?? ''} failed after ${seconds()} (${result.why}):\n${outputTail(result.output)}`,
        );
      }
    } finally {
      clearInterval(heartbeat);
    }
  };
}

/** Leaves out rungs that give something else than `flavour`, saying why. */
export function onlyFlavour(rung: Rung, flavour: string | undefined, gives: string): Rung {
  if (flavour === undefined || flavour === gives) return rung;
  const movedOn = `skipped: would give ${gives}, and the data in this home were written by ${flavour}`;
  return { ...rung, attempt: async () => ({ movedOn }) };
}
