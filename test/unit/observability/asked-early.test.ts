import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { tellWhatIsAsked } from '../../../observability/asked-early.cjs';

// Goal: what a new workflow asks for is told before its activation is over, and nothing else is. Method: a class that is
// called as Temporal's of a workflow in its sandbox, and a port that writes down.

type Activation = { isReplaying?: boolean; jobs: Record<string, object>[] };

const LOCAL = { scheduleLocalActivity: { activityType: 'admitOrder' } };
const COMMANDS = [{ startTimer: {} }, LOCAL];
const seen: unknown[] = [];

class Workflow {
  isRejected = false;
  workflowModule: { concludeActivation(): object; activate(): string };

  constructor(commands: object[] | undefined) {
    const successful = commands === undefined ? undefined : { commands };
    this.workflowModule = {
      activate: () => 'activated',
      concludeActivation: () => ({ runId: 'run-1', ...(successful && { successful }) }),
    };
  }

  async activate(_activation: Activation): Promise<object> {
    assert.equal(this.workflowModule.activate(), 'activated');
    const completion = this.workflowModule.concludeActivation();
    await new Promise(setImmediate);
    if (this.isRejected) throw new Error('a promise was rejected');
    seen.push('over');
    return completion;
  }
}

const INITIALIZE = { initializeWorkflow: {} };

describe('what a workflow asks for', () => {
  before(() => {
    tellWhatIsAsked(Workflow, { postMessage: (message) => void seen.push(message) });
  });
  beforeEach(() => void (seen.length = 0));

  it('is told before the activation is over, when the workflow is new', async () => {
    const workflow = new Workflow(COMMANDS);
    const { workflowModule } = workflow;
    const completion = await workflow.activate({ jobs: [INITIALIZE, { doUpdate: {} }] });
    assert.deepEqual(completion, { runId: 'run-1', successful: { commands: COMMANDS } });
    const told = { runId: 'run-1', successful: { commands: [LOCAL] } };
    assert.deepEqual(seen, [{ type: 'asked', runId: 'run-1', completion: told }, 'over']);
    assert.equal(workflow.workflowModule, workflowModule);
  });

  it('is told of an activation that fails then, and the next one is as ever', async () => {
    const workflow = new Workflow(COMMANDS);
    const { workflowModule } = workflow;
    workflow.isRejected = true;
    await assert.rejects(workflow.activate({ jobs: [INITIALIZE] }), /was rejected/);
    assert.equal(seen.length, 1);
    assert.equal(workflow.workflowModule, workflowModule);
  });

  for (const [what, commands, activation] of [
    ['a replay', COMMANDS, { isReplaying: true, jobs: [INITIALIZE] }],
    ['a workflow that goes on', COMMANDS, { isReplaying: false, jobs: [{ resolveActivity: {} }] }],
    ['one that asks for no local activity', [{ startTimer: {} }], { jobs: [INITIALIZE] }],
    ['one that failed', undefined, { jobs: [INITIALIZE] }],
  ] as const) {
    it(`is not told of ${what}`, async () => {
      await new Workflow(commands?.slice()).activate({ ...activation, jobs: [...activation.jobs] });
      assert.deepEqual(seen, ['over']);
    });
  }
});
