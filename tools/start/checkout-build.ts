import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../../config/config';
import { digestSources } from '../deploy/builds/build-sources';
import { buildsFolder, listBuilds } from '../deploy/builds/build-store';
import { makeBuild } from '../deploy/builds/make-build';
import { readRunningBuilds } from '../deploy/state/running-builds';
import { readJson, writeJson } from './home';

const ROOT = resolve(__dirname, '../..');

/** What `npm start` found in front of it. `buildId` is absent when no build of it is needed and none was made. */
export interface CheckoutBuild {
  sourceDigest: string;
  buildId?: string;
}

const checkoutFile = (home: string): string => join(buildsFolder(home), 'checkout.json');

export async function readCheckoutBuild(home: string): Promise<CheckoutBuild | undefined> {
  return await readJson<CheckoutBuild>(checkoutFile(home));
}

/**
 * Makes the build of this checkout where `npm start` may have to run it: when nothing has taken orders yet, and in the
 * demo profile for as long as nobody has promoted or rolled back a build.
 */
export async function prepareCheckoutBuild(config: Config): Promise<void> {
  const { STEADFILL_HOME: home, STEADFILL_PROFILE: profile } = config;
  await mkdir(buildsFolder(home), { recursive: true });
  const [sourceDigest, builds, running] = await Promise.all([
    digestSources(ROOT),
    listBuilds(home),
    readRunningBuilds(home),
  ]);
  const isNeeded = running.current === undefined || (profile === 'demo' && running.routedBy === 'start');
  const known = builds.find((build) => build.sourceDigest === sourceDigest);
  const build = known ?? (isNeeded ? await makeBuild({ home }) : undefined);
  const found: CheckoutBuild = { sourceDigest, ...(build !== undefined && { buildId: build.buildId }) };
  await writeJson(checkoutFile(home), found);
}
