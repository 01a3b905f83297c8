import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { derived } from '../../../workers/derived-cache';
import { digestSources } from '../builds/build-sources';
import { hasApi } from '../contract/api-contract';
import { compareApis, type ApiContract } from '../contract/compare-apis';
import { compareData, compareSurroundings, type BuildContract } from '../contract/build-contract';
import { typeContract } from '../contract/type-contract';
import { schemaFloor } from '../../migrate/migration-store';
import { runForJson } from './run-child';
import type { RuntimeContract } from '../contract/runtime-contract';
import type { DeployContext } from '../context';
import type { GateResult } from './gate-result';
import type { BuildFolder } from './known-builds';

const CHECKOUT = resolve(__dirname, '../../..');
const CONTRACTS = resolve(__dirname, '../contract');
const LOAD_MS_MAX = 60_000;
const API_MS_MAX = 5_000;
const NAMED_MAX = 50;

type CompatibilityContext = Pick<DeployContext, 'run' | 'db'>;

/**
 * Compares what the candidate and the current build exchange, both ways, because both write at once during a ramp:
 * events, views, state, messages, settings and search attributes; and the API of the candidate's tree with the one
 * that runs, as its clients see it. `current` is undefined for the first build of a deployment.
 */
export async function compatibilityGate(
  { run, db }: CompatibilityContext,
  candidate: BuildFolder,
  current: BuildFolder | undefined,
): Promise<GateResult> {
  const breaks: string[] = [];
  const unseen: string[] = [];
  const [next, now, candidates, running] = await Promise.all([
    contractOf(candidate.dir),
    current === undefined ? undefined : contractOf(current.dir),
    candidateApi(candidate),
    runningApi(run.apiUrl),
  ]);
  if (now !== undefined) {
    const forward = compareData(next, now);
    const backward = compareData(now, next);
    const around = compareSurroundings(now.runtime, next.runtime);
    breaks.push(...around.breaks.map((text) => `surroundings: ${text}`));
    breaks.push(...forward.breaks.map((text) => `what the candidate writes: ${text}`));
    breaks.push(...backward.breaks.map((text) => `what the current build writes: ${text}`));
    unseen.push(...forward.unseen, ...around.unseen);
  }
  const floor = await schemaFloor(db);
  if (next.runtime.viewVersion < floor)
    breaks.push(
      `the candidate writes views of version ${next.runtime.viewVersion}, and ${floor} is the least since a migration was contracted`,
    );
  const api = compareApis(running, candidates);
  breaks.push(...api.breaks.map((text) => `clients of the API: ${text}`));
  unseen.push(...api.unseen);
  const types = Object.keys(next.types).length;
  const against = current === undefined ? 'no current build' : `build ${current.buildId}`;
  const [first] = breaks;
  const found = first === undefined ? 'nothing breaks' : `${breaks.length} breaks, first: ${first}`;
  return {
    gate: 'compatibility',
    ok: breaks.length === 0,
    summary: `${types} types, settings and the API compared with ${against}: ${found}.`,
    figures: {
      current: current?.buildId ?? null,
      types,
      breaks: breaks.slice(0, NAMED_MAX),
      breakCount: breaks.length,
      additions: unseen.slice(0, NAMED_MAX),
      additionCount: unseen.length,
    },
  };
}

/** What a tree exchanges is a function of its sources and of the code that reads them: once made, it is kept. */
async function contractOf(dir: string): Promise<BuildContract> {
  const hash = createHash('sha256').update(await digestSources(dir));
  const readers = (await readdir(CONTRACTS)).sort().map((file) => join(CONTRACTS, file));
  for (const file of [...readers, join(CHECKOUT, 'package-lock.json')]) hash.update(await readFile(file));
  const name = `contract-${hash.digest('hex')}.json`;
  return JSON.parse(
    await derived(name, async () => JSON.stringify(await readContract(dir))),
  ) as BuildContract;
}

async function readContract(dir: string): Promise<BuildContract> {
  const script = resolve(CONTRACTS, 'runtime-contract.ts');
  const runtime = (await runForJson(script, [dir], {
    cwd: CHECKOUT,
    timeoutMs: LOAD_MS_MAX,
  })) as RuntimeContract;
  return { types: typeContract(dir), runtime };
}

/** The snapshot of a build has no API; the tree that it was made from has the one that would be deployed with it. */
async function candidateApi({ from }: BuildFolder): Promise<ApiContract> {
  const tree = from !== undefined && hasApi(from) ? from : CHECKOUT;
  const script = resolve(CONTRACTS, 'api-contract.ts');
  return (await runForJson(script, [tree], { cwd: CHECKOUT, timeoutMs: LOAD_MS_MAX })) as ApiContract;
}

async function runningApi(apiUrl: string): Promise<ApiContract> {
  const answer = await fetch(`${apiUrl}/openapi.json`, { signal: AbortSignal.timeout(API_MS_MAX) });
  if (!answer.ok) throw new Error(`the API answered ${answer.status} for its description`);
  return (await answer.json()) as ApiContract;
}
