import type { Part, Rung } from './ladder';
import { LIMITS } from './limits';
import type { PartOptions } from './provision';
import { outputTail, runCommand } from './run-command';
import { environmentRung, findOnPath, pathRung, versionCheck } from './rungs';
import { PACKAGES } from './versions';

const kind = {
  flavour: 'chromium',
  check: versionCheck(['--version'], /(?:Chromium|Chrome|Edge)\D*(\d+(?:\.\d+)+)/),
};
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const;

/** Installs the distribution's package; only where this account may, which is so in a container of a CI. */
function aptRung(env: NodeJS.ProcessEnv, isRoot: boolean): Rung {
  return {
    name: 'apt-get install',
    timeLimitMs: LIMITS.buildMs,
    attempt: async ({ say, signal }) => {
      if (!isRoot) return { movedOn: 'needs root' };
      if ((await findOnPath('apt-get', env)) === undefined) return { movedOn: 'no apt-get on the PATH' };
      say(`installing the package ${PACKAGES.chromiumDebian}`);
      const options = {
        signal,
        timeLimitMs: LIMITS.buildMs,
        env: { PATH: env['PATH'] ?? '', DEBIAN_FRONTEND: 'noninteractive' },
      };
      for (const args of [
        ['update', '-qq'],
        ['install', '-y', '-qq', '--no-install-recommends', PACKAGES.chromiumDebian],
      ]) {
        const result = await runCommand('apt-get', args, options);
        if (!result.ok) return { movedOn: `apt-get ${args[0]} failed: ${outputTail(result.output, 3)}` };
      }
      return await pathRung('chromium', kind, env).attempt({ say, signal });
    },
  };
}

/** A browser without a window, for the tests of pages; the system runs without one. */
export function chromiumPart({
  env,
  isRoot = process.getuid?.() === 0,
}: PartOptions & { isRoot?: boolean }): Part {
  return {
    name: 'chromium',
    title: 'Chromium',
    rungs: [
      environmentRung('STEADFILL_CHROMIUM', () => kind, env),
      ...NAMES.map((name) => ({ ...pathRung(name, kind, env), name: `PATH (${name})` })),
      aptRung(env, isRoot),
    ],
    remedies: [
      'Install Chromium or Chrome so that it is on the PATH, or',
      'set STEADFILL_CHROMIUM to the program.',
    ],
  };
}
