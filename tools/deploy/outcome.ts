/** What a command did or refused: lines for people, and one object for machines. */
export interface Outcome {
  exitCode: ExitCode;
  lines: string[];
  data: Record<string, unknown>;
}

/** 0: done, or already so. 1: refused or failed. 3: undecided, the canary goes on taking its share of orders. */
export const EXIT = { done: 0, refused: 1, usage: 2, undecided: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Thrown when a step must not be taken; the message says why, and what to do instead. */
export class Refusal extends Error {
  readonly data: Record<string, unknown>;
  constructor(message: string, data: Record<string, unknown> = {}) {
    super(message);
    this.name = 'Refusal';
    this.data = data;
  }
}
