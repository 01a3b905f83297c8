'use strict';

/** What a worker that listens says to its threads beforehand: to another one the message would be a fault. */
const LISTENS = 'steadfill.listens';

/**
 * Tells the worker which local activities a new workflow asks for as soon as the workflow waits for them, and not only
 * with the completion of the activation, for which Temporal's class waits a turn of the loop more to see whether a promise
 * was rejected. A completion that fails then has asked for nothing, and its task is tried again. A replay tells nothing
 * (decision 0077).
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
