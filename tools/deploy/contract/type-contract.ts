import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { EXCHANGED_TYPES, type ExchangedType } from './exchanged-types';
import { shapeOfType } from './type-shape';
import type { JsonShape } from './json-shape';

const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.Node20,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
};

/** By name, what a tree writes of each type and what it takes when it reads. */
export type TypeContract = Record<string, { writes: JsonShape; reads: JsonShape }>;

/**
 * The shapes of everything that the source tree in `dir` exchanges with other builds, from its own types: they cannot
 * lag behind the code. A type that the tree does not have is left out, which a comparison then names.
 */
export function typeContract(dir: string, wanted: readonly ExchangedType[] = EXCHANGED_TYPES): TypeContract {
  const files = [...new Set(wanted.map(({ file }) => join(dir, file)))].filter((file) => existsSync(file));
  const program = ts.createProgram(files, COMPILER_OPTIONS, compilerHost());
  const checker = program.getTypeChecker();
  const shapeOf = (file: string, type: string): JsonShape | undefined => {
    const exported = exportedType(program, checker, join(dir, file), type);
    try {
      return exported === undefined ? undefined : shapeOfType(exported, checker);
    } catch (fault) {
      throw new Error(`${file} ${type}: ${(fault as Error).message}`, { cause: fault });
    }
  };
  const contract: TypeContract = {};
  for (const { name, file, type, reads } of wanted) {
    const writes = shapeOf(file, type);
    if (writes === undefined) continue;
    contract[name] = { writes, reads: (reads === undefined ? undefined : shapeOf(file, reads)) ?? writes };
  }
  return contract;
}

/** Declarations of packages and of the language are the same for every tree, and most of the work. */
const packageSources = new Map<string, ts.SourceFile | undefined>();

function compilerHost(): ts.CompilerHost {
  const host = ts.createCompilerHost(COMPILER_OPTIONS);
  const read = host.getSourceFile.bind(host);
  return {
    ...host,
    getSourceFile: (file, ...rest) => {
      if (!file.includes('/node_modules/')) return read(file, ...rest);
      if (!packageSources.has(file)) packageSources.set(file, read(file, ...rest));
      return packageSources.get(file);
    },
  };
}

function exportedType(
  program: ts.Program,
  checker: ts.TypeChecker,
  file: string,
  name: string,
): ts.Type | undefined {
  const source = program.getSourceFile(file);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const found = module === undefined ? [] : checker.getExportsOfModule(module);
  const symbol = found.find((candidate) => candidate.getName() === name);
  if (symbol === undefined) return undefined;
  const own = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return checker.getDeclaredTypeOfSymbol(own);
}
