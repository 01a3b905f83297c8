'use strict';

/**
 * Preload of worker processes (`node --require`): makes four things of a workflow thread cheaper for which Temporal has
 * no switch.
 *
 * The time limits of calls into the sandbox: see activation-guard.cjs. The messages that an activation takes: see
 * sinks-along.cjs. When the worker hears what a new workflow asks for: see asked-early.cjs.
 *
 * The stacks of promises: Temporal captures one for every promise that a workflow creates, to answer the
 * `__stack_trace` query. In four pairs of runs of a small workflow with our interceptors, on a busy two-core machine,
 * worker and client together took 15 to 30 % less CPU time without (0 to 29 % where there were no interceptors, which
 * create many of the promises). Where promise hooks are not available Temporal goes without, and this makes its thread
 * such a place: the first hook of a workflow thread, which is Temporal's, is refused, later ones (async context) are
 * let through. Stack traces of failures are not affected. `STEADFILL_WORKFLOW_STACKS=on` keeps the hook.
 */
const { dirname, basename, join } = require('node:path');
const { getEnvironmentData, isMainThread, parentPort } = require('node:worker_threads');
const v8 = require('node:v8');
const { guardActivations } = require('./activation-guard.cjs');
const { LISTENS, tellWhatIsAsked } = require('./asked-early.cjs');
const { sendSinkCallsAlong } = require('./sinks-along.cjs');

if (!isMainThread && process.env.STEADFILL_WORKFLOW_STACKS !== 'on') {
  const { createHook } = v8.promiseHooks;
  const { warn } = console;
  // Temporal says so in plain text, in the middle of a log of JSON lines; that it is so is our own doing.
  console.warn = (...texts) => {
    if (!String(texts[0]).startsWith('v8.promiseHooks.createHook is not available')) warn(...texts);
  };
  v8.promiseHooks.createHook = () => {
    v8.promiseHooks.createHook = createHook;
    throw new Error('Stack traces of pending promises are off in workflow threads.');
  };
}

// A thread learns its file after its preloads, and its workflows begin much later.
if (!isMainThread) process.nextTick(prepareWorkflowThread);

function prepareWorkflowThread() {
  const file = process.argv[1] ?? '';
  if (basename(file) !== 'workflow-worker-thread.js') return;
  const { BaseVMWorkflow } = require(join(dirname(file), 'vm-shared.js'));
  if (getEnvironmentData(LISTENS) === true) tellWhatIsAsked(BaseVMWorkflow, parentPort);
  guardActivations(BaseVMWorkflow);
  sendSinkCallsAlong(BaseVMWorkflow);
}
