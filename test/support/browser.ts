import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A browser without a window; undefined where there is none, and the suite then says that it skips. */
export async function openBrowser(): Promise<Browser | undefined> {
  const executablePath = await findBrowser(process.env['STEADFILL_TEST_CHROMIUM']);
  if (executablePath === undefined) return undefined;
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

async function findBrowser(given: string | undefined): Promise<string | undefined> {
  if (given !== undefined && given !== '') return given === 'none' ? undefined : given;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const path of NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
