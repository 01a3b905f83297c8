import { AsyncResource } from 'node:async_hooks';

/** Longer than an order waits for its acknowledgement alone, shorter than anybody who looks would notice. In milliseconds. */
export const AFTERWARDS_MS = 40;

/**
 * Does what nobody waits for a moment later, together: lines about a step are made when the answer that the step is for
 * is out, and do not keep the event loop from it. Without {@link ofProcess} whoever ends calls `doAll`.
 */
export class Afterwards {
  private readonly waiting: (() => void)[] = [];

  /** For a whole process, so that nothing is lost when it exits, by whatever way but a kill. */
  static ofProcess(): Afterwards {
    const afterwards = new Afterwards();
    process.once('exit', () => afterwards.doAll());
    return afterwards;
  }

  /** `work` finds the async context of the caller: trace and log fields are those of the step. */
  do(work: () => void): void {
    if (this.waiting.length === 0) setTimeout(() => this.doAll(), AFTERWARDS_MS);
    this.waiting.push(AsyncResource.bind(work));
  }

  doAll(): void {
    // One that throws leaves those after it waiting, for the exit.
    for (let work = this.waiting.shift(); work !== undefined; work = this.waiting.shift()) work();
  }
}
