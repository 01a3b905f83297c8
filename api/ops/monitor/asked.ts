/** What was learned, or why it could not be asked. */
export type Asked<T> = { ok: true; value: T } | { ok: false; cause: string };

/** Waits for an answer, at most `msMax`; a fault or a late answer is a cause and never thrown. */
export async function ask<T>(question: () => Promise<T>, msMax: number): Promise<Asked<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${msMax} ms`)), msMax);
  });
  try {
    return { ok: true, value: await Promise.race([question(), late]) };
  } catch (fault) {
    return { ok: false, cause: causeOf(fault) };
  } finally {
    clearTimeout(timer);
  }
}

/** One line a reader understands; gRPC says what happened in `details`. */
function causeOf(fault: unknown): string {
  const { details, cause, message } = fault as {
    details?: string;
    cause?: { details?: string };
    message?: string;
  };
  return details ?? cause?.details ?? message ?? String(fault);
}
