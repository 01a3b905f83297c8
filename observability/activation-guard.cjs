'use strict';

const vm = require('node:vm');

/** What Temporal allows each single call into a workflow by default; here it is for the whole activation. */
const ACTIVATION_MS_MAX = 5_000;

/**
 * Sets one time limit for each activation of a workflow, where Temporal sets one for each of the half dozen calls into
 * the sandbox that an activation takes. Node watches a limit from a thread that it starts and joins for this one call,
 * which was half the work of a workflow thread. A workflow that does not come back is stopped as with Temporal's limits, and
 * its task fails with the same error (decision 0072).
 *
 * `Workflow` is Temporal's class of a workflow in its sandbox: `activate` does everything inside the sandbox before it
 * first waits, `activator` knows how a fault is told to the server.
 */
function guardActivations(Workflow) {
  const { runInContext } = vm.Script.prototype;
  const { activate } = Workflow.prototype;
  const frame = vm.createContext({});
  const script = new vm.Script('work()');
  let isGuarded = false;

  vm.Script.prototype.runInContext = function (context, options) {
    if (!isGuarded || options?.timeout === undefined) return runInContext.call(this, context, options);
    return runInContext.call(this, context, { ...options, timeout: undefined });
  };

  Workflow.prototype.activate = function (activation) {
    frame.work = () => activate.call(this, activation);
    isGuarded = true;
    try {
      return runInContext.call(script, frame, { timeout: ACTIVATION_MS_MAX });
    } catch (fault) {
      const failure = this.activator.errorToFailure(fault);
      return Promise.resolve({ runId: this.activator.info.runId, failed: { failure } });
    } finally {
      isGuarded = false;
    }
  };
}

module.exports = { guardActivations };
