import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

// Goal: in a workflow thread the limits of single calls give way to one for the activation, which then holds, and what an
// activation leaves for sinks goes along with its completion, without the functions that cannot be sent.
// Method: a thread whose file is called as Temporal's, beside a module with the class that is to be guarded. Its calls
// into the sandbox have a limit of 20 ms and work for 60, or for ever.

const PRELOAD = join(__dirname, '../../../observability/workflow-thread.cjs');

const SANDBOXED = `
  const vm = require('node:vm');
  const context = vm.createContext({ Date }, { microtaskMode: 'afterEvaluate' });
  const call = (code) => new vm.Script(code).runInContext(context, { timeout: 20 });
  const work = 'for (const end = Date.now() + 60; Date.now() < end; );';
  exports.call = call;
  exports.work = work;
  exports.BaseVMWorkflow = class {
    activator = { info: { runId: 'run-1' }, errorToFailure: ({ code, message }) => ({ code, message }) };
    async activate(kind) {
      call(work);
      call('globalThis.order = []; Promise.resolve().then(() => order.push("continuation"))');
      call('order.push("next call")');
      if (kind === 'hangs') call('for (;;);');
      if (kind === 'hangs later') call('(async () => { for (;;) await null; })(); 0');
      if (kind === 'throws') call('throw new Error("thrown inside")');
      await new Promise(setImmediate);
      this.sinkCalls = [{ args: [kind], workflowInfo: { runId: 'run-1', unsafe: { now: Date.now, random: Math.random } } }];
      return { order: [...context.order] };
    }
    sinkCalls = [];
    async getAndResetSinkCalls() {
      return this.sinkCalls.splice(0);
    }
  };
`;
const THREAD = `
  const { parentPort } = require('node:worker_threads');
  const { BaseVMWorkflow, call, work } = require('./vm-shared.js');
  const told = (step) => step().catch(({ message }) => ({ message }));
  setImmediate(async () => {
    const workflow = new BaseVMWorkflow();
    const outcomes = [];
    for (const kind of ['ends', 'hangs', 'hangs later', 'throws', 'ends'])
      outcomes.push(await told(() => workflow.activate(kind)));
    outcomes.push(await told(async () => call(work)));
    parentPort.postMessage(outcomes);
  });
`;
const MAIN = `
  const { Worker } = require('node:worker_threads');
  new Worker(process.env.THREAD).once('message', (outcomes) => console.log(JSON.stringify(outcomes)));
`;

describe('the preload of workflow threads', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steadfill-guard-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function outcomesIn(threadFile: string): Promise<unknown[]> {
    const thread = join(folder, threadFile);
    await writeFile(join(folder, 'vm-shared.js'), SANDBOXED);
    await writeFile(thread, THREAD);
    const env = { ...process.env, THREAD: thread, NODE_OPTIONS: '' };
    const args = ['--require', PRELOAD, '--eval', MAIN];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return JSON.parse(stdout) as unknown[];
  }

  it('gives an activation one limit, in a thread of workflows', async () => {
    const called = { args: ['ends'], workflowInfo: { runId: 'run-1', unsafe: {} } };
    const ended = { order: ['continuation', 'next call'], sinkCalls: [called] };
    const stopped = {
      runId: 'run-1',
      sinkCalls: [],
      failed: {
        failure: {
          code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
          message: 'Script execution timed out after 5000ms',
        },
      },
    };
    assert.deepEqual(await outcomesIn('workflow-worker-thread.js'), [
      ended,
      stopped,
      stopped,
      { message: 'thrown inside' },
      ended,
      { message: 'Script execution timed out after 20ms' },
    ]);
  });

  it('leaves other threads alone', async () => {
    const stopped = { message: 'Script execution timed out after 20ms' };
    assert.deepEqual(await outcomesIn('another-thread.js'), Array(6).fill(stopped));
  });
});
