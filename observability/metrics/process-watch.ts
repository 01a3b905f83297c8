import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How a process was doing since it was last asked. */
export interface ProcessFigures {
  cpuCores: number;
  residentBytes: number;
  eventLoopLagP99Seconds: number;
}

const RESOLUTION_MS = 10;
const MICROSECONDS = 1e6;
const NANOSECONDS = 1e9;

/** Cores used on average: CPU time over the time that passed. */
export function coresUsed({ user, system }: NodeJS.CpuUsage, passedNs: bigint): number {
  return (user + system) / MICROSECONDS / (Number(passedNs) / NANOSECONDS);
}

/** Watches this process; each look covers the time since the one before. */
export class ProcessWatch {
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private cpu = process.cpuUsage();
  private atNs = process.hrtime.bigint();

  constructor() {
    this.delay.enable();
  }

  look(): ProcessFigures {
    const nowNs = process.hrtime.bigint();
    const cpuCores = coresUsed(process.cpuUsage(this.cpu), nowNs - this.atNs);
    const lagNs = this.delay.percentile(99);
    this.cpu = process.cpuUsage();
    this.atNs = nowNs;
    this.delay.reset();
    return {
      cpuCores,
      residentBytes: process.memoryUsage.rss(),
      // An empty histogram has no percentile; the resolution itself is no lag.
      eventLoopLagP99Seconds: Number.isFinite(lagNs)
        ? Math.max(0, lagNs / NANOSECONDS - RESOLUTION_MS / 1e3)
        : 0,
    };
  }

  stop(): void {
    this.delay.disable();
  }
}
