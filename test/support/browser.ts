import { chromium, type Browser } from 'playwright-core';
import { testChromium } from './servers';

/** A browser without a window; undefined where there is none, and the suite then says that it skips. */
export async function openBrowser(): Promise<Browser | undefined> {
  const executablePath = await testChromium();
  if (executablePath === undefined) return undefined;
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}
