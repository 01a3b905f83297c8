import type { CacheEntry } from './cache';
import type { ArchiveSource } from './download-archive';
import type { Rung } from './ladder';
import type { Platform } from './platform';
import type { PartOptions } from './provision';
import {
  buildRung,
  cacheRung,
  downloadEntry,
  downloadRung,
  environmentRung,
  pathRung,
  type BuildRungOptions,
  type ProgramKind,
} from './rungs';

export interface ProgramLadder {
  part: string;
  /** Name of the program on the PATH. */
  program: string;
  /** Variable in which the user may name the program. */
  variable: string;
  kind: ProgramKind;
  source: ArchiveSource;
  /** Where the cache keeps what the last rung makes. */
  built: CacheEntry;
  /** The last rung: how a package manager makes the program. */
  build: Pick<BuildRungOptions, 'name' | 'tools' | 'what' | 'build'>;
}

/** The rungs of a program that is one file: named by the user, found, kept, downloaded, or made by a package manager. */
export function programRungs(
  { cache, env, downloads }: PartOptions,
  platform: Platform,
  { part, program, variable, kind, source, built, build }: ProgramLadder,
): Rung[] {
  const limits = downloads?.limits;
  const download = { cache, part, kind, platform, source, ...(limits !== undefined && { limits }) };
  return [
    environmentRung(variable, () => kind, env),
    pathRung(program, kind, env),
    cacheRung(cache, [
      { entry: downloadEntry(download), kind },
      { entry: built, kind },
    ]),
    downloadRung(download),
    buildRung({ ...build, cache, entry: built, kind, env }),
  ];
}
