import type { MetricMeter } from '@temporalio/common';
import { METRICS } from './catalog';
import { ProcessWatch } from './process-watch';
import { sdkGauge } from './sdk-meters';

const LOOK_MS = 5_000;

/** Keeps the figures of this process in the SDK's endpoint until it is stopped; keeps no process alive. */
export function watchWorkerProcess(meter: MetricMeter): { stop(): void } {
  const watch = new ProcessWatch();
  const cpu = sdkGauge(meter, METRICS.processCpu);
  const memory = sdkGauge(meter, METRICS.processMemory);
  const lag = sdkGauge(meter, METRICS.eventLoopLag);
  const look = (): void => {
    const { cpuCores, residentBytes, eventLoopLagP99Seconds } = watch.look();
    cpu({}, cpuCores);
    memory({}, residentBytes);
    lag({}, eventLoopLagP99Seconds);
  };
  look();
  const timer = setInterval(look, LOOK_MS).unref();
  return {
    stop: () => {
      clearInterval(timer);
      watch.stop();
    },
  };
}
