import { setTimeout } from 'node:timers';

// Loaded before every Node process that the supervisor starts. When the supervisor is gone, even by kill -9, its end
// of the channel closes: the process then drains as on SIGTERM, and is ended when it does not.
const DRAIN_MS_MAX = 15_000;

if (process.channel !== undefined) {
  process.on('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), DRAIN_MS_MAX).unref();
  });
  process.channel.unref();
}
