import type { MatrixStep } from './matrix-form';

const EXECUTIONS: readonly (string | undefined)[] = ['fill', 'bust', 'correct'];

/**
 * Executions that follow each other directly, in the order of the matrix: what they come to does not depend on the
 * order in which they arrive, unless two of them have one id or change the same execution.
 */
export function runsOf(steps: readonly MatrixStep[]): number[][] {
  const runs: number[][] = [];
  steps.forEach((step, index) => {
    const run = runs.at(-1);
    const before = steps[index - 1];
    const follows = EXECUTIONS.includes(step.venue) && EXECUTIONS.includes(before?.venue);
    const isBound = run?.some((other) => isAboutSame(step, steps[other])) ?? true;
    if (run !== undefined && follows && !isBound) run.push(index);
    else runs.push([index]);
  });
  return runs;
}

function isAboutSame(step: MatrixStep, other: MatrixStep | undefined): boolean {
  if (step.execId === other?.execId) return true;
  return step.execRefId !== undefined && step.execRefId === other?.execRefId;
}
