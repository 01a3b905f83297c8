import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WINDOW_MS, type SubmitGate } from './submit-gate';

const LOOP_RESOLUTION_MS = 20;
const NANOSECONDS_PER_MS = 1e6;

/** Turns the windows of `gate` with the lag of this process's event loop in them, for as long as the process lives. */
export function turnWindows(gate: SubmitGate): void {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delay.enable();
  const timer = setInterval(() => {
    const lagMs = delay.count === 0 ? 0 : delay.mean / NANOSECONDS_PER_MS - LOOP_RESOLUTION_MS;
    delay.reset();
    gate.turnWindow(Math.max(0, lagMs));
  }, WINDOW_MS);
  timer.unref();
}
