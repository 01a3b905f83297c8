import type { JobResult } from './job';

/** One line for a finished check or shard, and the details of what failed or was skipped. */
export function jobText({ name, passed, failures, skipped, durationMs }: JobResult): string {
  const counts = [`${passed} passed`];
  if (failures.length > 0) counts.push(`${failures.length} failed`);
  if (skipped.length > 0) counts.push(`${skipped.length} skipped`);
  const mark = failures.length > 0 ? '✖' : '✔';
  const lines = [`${mark} ${name}: ${counts.join(', ')} (${(durationMs / 1_000).toFixed(1)} s)`];
  for (const title of skipped) lines.push(`    skipped: ${title}`);
  for (const { title, error } of failures) lines.push(`    failed: ${title}`, indent(error));
  return lines.join('\n');
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');

/** The closing line, and whether the run is good. A run in which nothing was executed is a failure. */
export function closing(results: readonly JobResult[], crashes = 0): { line: string; isGood: boolean } {
  const sum = (count: (result: JobResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  const passed = sum((result) => result.passed);
  const skipped = sum((result) => result.skipped.length);
  const executed = passed + sum((result) => result.failures.length) + crashes;
  const failed = executed === 0 ? 1 : executed - passed;
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, isGood: failed === 0 };
}
