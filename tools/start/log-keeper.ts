import { copyFile, open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from './limits';

/**
 * Keeps log files below a bound. Children write straight to the files, in append mode, so that a log survives the
 * supervisor; a full file is therefore copied to `NAME.log.1` and emptied in place.
 */
export function keepLogsBounded(
  folder: string,
  bytesMax: number = LIMITS.logBytesMax,
  intervalMs: number = LIMITS.logCheckMs,
): { stop: () => void } {
  const check = async (): Promise<void> => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
    for (const name of names) {
      const file = join(folder, name);
      if ((await stat(file)).size <= bytesMax) continue;
      await copyFile(file, `${file}.1`);
      await truncate(file);
    }
  };
  let timer: NodeJS.Timeout;
  let stopped = false;
  // One check after the other: two at once could copy the file that the other one has just emptied.
  const checkLater = (): void => {
    timer = setTimeout(() => {
      check()
        .catch((fault: unknown) =>
          process.stderr.write(`Logs in ${folder} were not rotated: ${String(fault)}\n`),
        )
        .finally(() => {
          if (!stopped) checkLater();
        });
    }, intervalMs);
    timer.unref();
  };
  checkLater();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The end of a log, for a message to the user; empty when there is none. */
export async function logTail(file: string, bytes: number = LIMITS.logTailBytes): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.subarray(0, bytesRead).toString().trimEnd();
  } finally {
    await handle.close();
  }
}
