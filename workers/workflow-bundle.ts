import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { derived } from './derived-cache';
import { workflowInterceptorModules } from '../observability/temporal-tracing';

const ROOT = resolve(__dirname, '..');
/** What can change the behaviour of workflow code; names the bundle of a checkout. */
const SOURCES = ['workflows', 'domain', 'temporal-config', 'observability', 'workers', 'package-lock.json'];

/** A snapshot made by `npm run deploy` or `npm start` says here which build it is, and has its bundle beside it. */
const BUILD_FILE = join(ROOT, 'build.json');
const BUILT_BUNDLE = join(ROOT, 'workflow-bundle.js');

const WORKFLOWS = join(ROOT, 'workflows/index.ts');
/**
 * What all workflows of a worker share: with these, every module of the bundle. Each order would otherwise evaluate all
 * of them anew in its sandbox, and would run code that was never compiled. So no module of workflows or of the domain
 * keeps state of its own; eslint forbids variables at their top, and the SDK freezes what they export (decision 0070).
 */
const SHARED_MODULES = [...workflowInterceptorModules, WORKFLOWS];

export interface WorkflowBundle {
  codePath: string;
  /** One id means one code. */
  buildId: string;
  /** True in the snapshot of a build; false in a checkout, whose files may change under the running worker. */
  isBuild: boolean;
}

async function listFiles(path: string): Promise<string[]> {
  if (!/^[^.]+$/.test(path.slice(ROOT.length).split('/').at(-1) ?? '')) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Digest over names and contents of everything that workflow code is made of; 16 hex digits. */
export async function workflowBuildId(): Promise<string> {
  const files = (await Promise.all(SOURCES.map((source) => listFiles(join(ROOT, source))))).flat().sort();
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file.slice(ROOT.length)}\n`);
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Bundles the workflows exactly as production and replay run them; those of `workflowsPath` in place of ours when given.
 * What was bundled from the same sources before comes from the user's cache. Throws when the code does not bundle.
 */
export async function bundleWorkflows(workflowsPath?: string): Promise<{ code: string }> {
  if (workflowsPath !== undefined) return await bundleAnew(workflowsPath, []);
  const name = `workflows-${await workflowBuildId()}.js`;
  const code = await derived(name, async () => (await bundleAnew(WORKFLOWS, SHARED_MODULES)).code);
  return { code };
}

async function bundleAnew(workflowsPath: string, preloadModules: string[]): Promise<{ code: string }> {
  return await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules,
    preloadModules,
    logger: new DefaultLogger('WARN'),
  });
}

/**
 * The bundle of this tree. A build has it ready; in a checkout it is made, and kept in `cacheDir` so that a restarted
 * worker is back at once.
 */
export async function loadWorkflowBundle(cacheDir: string): Promise<WorkflowBundle> {
  const built = await readFile(BUILD_FILE, 'utf8').catch(() => undefined);
  if (built !== undefined) {
    const { buildId } = JSON.parse(built) as { buildId: string };
    return { codePath: BUILT_BUNDLE, buildId, isBuild: true };
  }
  const buildId = await workflowBuildId();
  const codePath = join(cacheDir, `workflows-${buildId}.js`);
  const cached = await readFile(codePath).catch(() => undefined);
  if (cached !== undefined) return { codePath, buildId, isBuild: false };
  const { code } = await bundleWorkflows();
  await mkdir(cacheDir, { recursive: true });
  const temporary = `${codePath}.${process.pid}.tmp`;
  await writeFile(temporary, code);
  await rename(temporary, codePath);
  return { codePath, buildId, isBuild: false };
}
