import { MongoUnavailableError } from './availability';

/** Activities answer within two seconds also when the server has fallen silent; this leaves room for the rest. */
export const OPERATION_MS_MAX = 1_500;

/**
 * The outcome of `work`, or MongoUnavailableError when there is none after `limitMs`. The driver notices a silent server
 * only after several heartbeats, which is too late for a caller who waits. The work is not undone: it may still happen
 * later, so it must be idempotent.
 */
export async function withDeadline<T>(work: Promise<T>, limitMs: number = OPERATION_MS_MAX): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MongoUnavailableError(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
