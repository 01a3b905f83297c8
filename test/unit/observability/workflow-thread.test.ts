import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

// Goal: the preload takes exactly one promise hook away from a thread, and none from the process itself.
// Method: a process with the preload asks for two hooks in its main thread and two in a thread.

const PRELOAD = join(__dirname, '../../../observability/workflow-thread.cjs');
const PROBE = `
  const { Worker, isMainThread, parentPort } = require('node:worker_threads');
  const attempt = () => {
    try { require('node:v8').promiseHooks.createHook({ init() {} })(); return 'given'; } catch { return 'refused'; }
  };
  const answers = [attempt(), attempt()];
  if (isMainThread) {
    new Worker(process.env.PROBE, { eval: true }).once('message', (inThread) => {
      console.log(JSON.stringify({ inMain: answers, inThread }));
    });
  } else parentPort.postMessage(answers);
`;

async function probe(stacks: 'on' | undefined): Promise<unknown> {
  const env = { ...process.env, PROBE, STEADFILL_WORKFLOW_STACKS: stacks, NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--require', PRELOAD, '--eval', PROBE], {
    env,
  });
  return JSON.parse(stdout);
}

describe('preload of workflow threads', function () {
  this.timeout(60_000);

  it('refuses the first promise hook of a thread only', async () => {
    assert.deepEqual(await probe(undefined), { inMain: ['given', 'given'], inThread: ['refused', 'given'] });
  });

  it('leaves the hook where stack traces are wanted', async () => {
    assert.deepEqual(await probe('on'), { inMain: ['given', 'given'], inThread: ['given', 'given'] });
  });
});
