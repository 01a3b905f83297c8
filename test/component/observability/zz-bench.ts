import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker, Runtime } from '@temporalio/worker';
import { loadConfig } from '../../../config/config';
import { tracingPlugins, workflowInterceptorModules } from '../../../observability/temporal-tracing';
import { startTracing } from '../../../observability/tracing';
const address = '127.0.0.1:17233';
async function main() {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await Connection.connect({ address }); const native = await NativeConnection.connect({ address });
  const workflowsPath = require.resolve('./traced.workflow.ts');
  const tracing = startTracing({ component: 't', config: loadConfig({}) });
  const N = 150; const out: Record<string, string> = {};
  for (const [k, mods, plugins] of [['bare', [], []], ['otel', workflowInterceptorModules, tracingPlugins(tracing)]] as any[]) {
    const bundle = await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules: mods, logger: new DefaultLogger('ERROR') });
    const tq = `b-${k}-${process.pid}`;
    const worker = await Worker.create({ connection: native, taskQueue: tq, workflowBundle: bundle, activities: { check: async () => 'a', route: async () => 'b' }, plugins });
    const client = new Client({ connection, plugins });
    await worker.runUntil(async () => {
      const one = async (i: number) => { const h = await client.workflow.start('traced', { workflowId: `${tq}-${i}`, taskQueue: tq }); await h.signal('fill'); await h.result(); };
      await Promise.all(Array.from({ length: 20 }, (_, i) => one(10000 + i)));
      const c = process.cpuUsage(); let n = 0;
      await Promise.all(Array.from({ length: 20 }, async () => { while (n < N) await one(n++); }));
      const d = process.cpuUsage(c); out[k] = ((d.user + d.system) / 1000 / N).toFixed(1);
    });
  }
  console.log(JSON.stringify(out)); process.exit(0);
}
void main();
