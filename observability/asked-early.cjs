'use strict';

/**
 * What a worker that listens says to its threads beforehand. The SDK alone takes every message that is no answer for one
 * about patches, and would end the process on ours.
 */
const LISTENS = 'steadfill.listens';

/**
 * Tells the worker which local activities a new workflow asks for as soon as the workflow waits for them, and not only
 * with the completion of the activation, for which Temporal's class waits a turn of the loop more to see whether a promise
 * was rejected. When it was, what was told has begun all the same, and its task is tried again (decision 0077). A replay
 * tells nothing.
 *
 * `Workflow` is Temporal's class of a workflow in its sandbox, whose `workflowModule` is what it calls in there; `port`
 * leads to the worker.
 */
function tellWhatIsAsked(Workflow, port) {
  const { activate } = Workflow.prototype;

  Workflow.prototype.activate = async function (activation) {
    if (!isNewWorkflow(activation)) return await activate.call(this, activation);
    const { workflowModule } = this;
    this.workflowModule = new Proxy(workflowModule, {
      get: (module, name) =>
        name === 'concludeActivation' ? () => told(module.concludeActivation()) : module[name],
    });
    try {
      return await activate.call(this, activation);
    } finally {
      this.workflowModule = workflowModule;
    }
  };

  function told(completion) {
    const { runId, successful } = completion;
    const commands = (successful?.commands ?? []).filter(({ scheduleLocalActivity: asked }) => asked);
    if (commands.length > 0)
      port.postMessage({ type: 'asked', runId, completion: { runId, successful: { commands } } });
    return completion;
  }
}

function isNewWorkflow({ isReplaying, jobs }) {
  return isReplaying !== true && jobs?.some(({ initializeWorkflow }) => initializeWorkflow) === true;
}

module.exports = { LISTENS, tellWhatIsAsked };
