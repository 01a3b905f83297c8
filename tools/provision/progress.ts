import { Listr } from 'listr2';
import type { LadderResult, Part } from './ladder';

/** Where progress goes: a terminal gets a live list, everything else plain lines. */
export interface ProgressOutput {
  isTTY: boolean;
  line: (text: string) => void;
}

/** Standard error, because the standard output of a command belongs to its data. */
export const standardOutput: ProgressOutput = {
  isTTY: process.stderr.isTTY === true && process.stdout.isTTY === true,
  line: (text) => process.stderr.write(`${text}\n`),
};

type Work = (part: Part, say: (text: string) => void) => Promise<LadderResult>;

const foundText = (result: LadderResult & { outcome: 'found' }): string =>
  `${result.found.flavour} ${result.found.version} (${result.rung})`;

/** Does the work for all parts at once and shows how it goes. */
export async function showProgress(
  parts: readonly Part[],
  work: Work,
  output: ProgressOutput = standardOutput,
): Promise<LadderResult[]> {
  return output.isTTY ? await liveList(parts, work) : await plainLines(parts, work, output);
}

async function plainLines(
  parts: readonly Part[],
  work: Work,
  { line }: ProgressOutput,
): Promise<LadderResult[]> {
  const one = async (part: Part): Promise<LadderResult> => {
    // Only what the user waits for is worth a line: rungs that were not there are told when the part fails.
    const result = await work(part, (text) => line(`[${part.name}] ${text}`));
    if (result.outcome === 'found') line(`[${part.name}] ready: ${foundText(result)}`);
    else line(`[${part.name}] failed`);
    return result;
  };
  return await Promise.all(parts.map(one));
}

async function liveList(parts: readonly Part[], work: Work): Promise<LadderResult[]> {
  const results = new Map<Part, LadderResult>();
  const tasks = parts.map((part) => ({
    title: part.title,
    task: async (_context: unknown, task: { title: string; output: string }): Promise<void> => {
      const result = await work(part, (text) => (task.output = text));
      results.set(part, result);
      if (result.outcome === 'failed') throw new Error(`${part.title}: every way failed`);
      task.title = `${part.title}: ${foundText(result)}`;
    },
  }));
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    rendererOptions: { collapseErrors: false },
  });
  await list.run();
  return parts.flatMap((part) => results.get(part) ?? []);
}
