'use strict';

/**
 * Sends what an activation leaves for sinks along with its completion, where Temporal's worker asks the thread for it
 * afterwards and answers the workflow task only then. A worker that does not know of it asks as ever and is given
 * everything (decision 0073).
 *
 * `Workflow` is Temporal's class of a workflow in its sandbox.
 */
function sendSinkCallsAlong(Workflow) {
  const { activate, getAndResetSinkCalls } = Workflow.prototype;
  /** What the last activation of a workflow sent along, until the next one. */
  const sentAlong = new WeakMap();

  Workflow.prototype.activate = async function (activation) {
    sentAlong.delete(this);
    const completion = await activate.call(this, activation);
    const calls = await getAndResetSinkCalls.call(this);
    sentAlong.set(this, calls);
    return { ...completion, sinkCalls: sendable(calls) };
  };

  Workflow.prototype.getAndResetSinkCalls = async function () {
    const calls = [...(sentAlong.get(this) ?? []), ...(await getAndResetSinkCalls.call(this))];
    sentAlong.delete(this);
    return calls;
  };
}

/** Functions cannot be sent. What the calls know of the workflow is mostly one object, and stays one. */
function sendable(calls) {
  const infos = new Map();
  return calls.map((call) => {
    const { workflowInfo } = call;
    if (!infos.has(workflowInfo)) {
      const unsafe = { ...workflowInfo.unsafe };
      delete unsafe.now;
      delete unsafe.random;
      infos.set(workflowInfo, { ...workflowInfo, unsafe });
    }
    return { ...call, workflowInfo: infos.get(workflowInfo) };
  });
}

module.exports = { sendSinkCallsAlong };
