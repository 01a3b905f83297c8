import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { replayPlugins } from '../../observability/temporal-tracing';
import { scriptedWorld } from './scripted-world';
import type { WorkerOrders } from './worker-process';

/**
 * The worker of a play, in a process of its own that can be killed. It loads everything, says `loaded`, and polls when
 * it is told to; so a replacement stands ready when its predecessor dies.
 */
async function main(): Promise<void> {
  const orders = JSON.parse(process.argv[2] ?? '{}') as WorkerOrders;
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  process.once('disconnect', () => process.exit(0));
  const connection = await NativeConnection.connect({ address: orders.address });
  process.send?.('loaded');
  await new Promise((go) => process.once('message', go));
  const worker = await Worker.create({
    connection,
    taskQueue: orders.taskQueue,
    workflowBundle: { codePath: orders.bundlePath },
    activities: { ...scriptedWorld(orders.taskQueue) },
    // Production bundles export spans to a sink; here nobody takes them.
    plugins: replayPlugins(),
    // The tasks of an order wait this long for a worker that is dead before another one gets them.
    stickyQueueScheduleToStartTimeout: '1s',
  });
  const running = worker.run();
  process.send?.('polling');
  await running;
}

main().catch((fault: unknown) => {
  process.stderr.write(
    `matrix worker: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`,
  );
  process.exit(1);
});
