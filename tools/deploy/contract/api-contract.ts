import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { ApiContract } from './compare-apis';

/** The descriptor that the answer is written to: a tree may print what it likes when it is loaded. */
const ANSWER = 3;

type Routes = (services: unknown) => unknown[];
type Document = (routes: unknown[], version: string) => ApiContract;

/**
 * The OpenAPI document of the source tree in `dir`. The table of routes is built without services: only handlers need
 * them, and none is called. Loads the tree into this process: call it in a process of its own.
 */
export function apiContract(dir: string): ApiContract {
  const load = (file: string): Record<string, unknown> => {
    const path = join(dir, file);
    return createRequire(path)(path) as Record<string, unknown>;
  };
  const allRoutes = load('api/routes.ts')['allRoutes'] as Routes;
  const openApiDocument = load('api/ops/openapi.ts')['openApiDocument'] as Document;
  return openApiDocument(allRoutes({}), 'candidate');
}

/** True when the tree has an API: the snapshot of a worker build has none. */
export function hasApi(dir: string): boolean {
  return existsSync(join(dir, 'api/routes.ts')) && existsSync(join(dir, 'api/ops/openapi.ts'));
}

if (require.main === module) {
  writeFileSync(ANSWER, JSON.stringify(apiContract(resolve(process.argv[2] ?? '.'))));
}
