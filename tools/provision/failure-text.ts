import type { LadderResult } from './ladder';

/** What was tried for each failed part, why it did not work, and what the user can do. */
export function failureText(results: readonly LadderResult[]): string {
  const failed = results.filter((result) => result.outcome === 'failed');
  const sections = failed.map(({ part, attempts }) => {
    const tried = attempts.map(({ rung, why }) => `  - ${rung}: ${indent(why)}`);
    const remedies = part.remedies.map((remedy) => `  * ${remedy}`);
    return [`${part.title} could not be provisioned. Tried:`, ...tried, 'What you can do:', ...remedies].join(
      '\n',
    );
  });
  return sections.join('\n\n');
}

const indent = (text: string): string => text.split('\n').join('\n      ');
