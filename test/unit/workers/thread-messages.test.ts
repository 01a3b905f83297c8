import assert from 'node:assert/strict';
import type { WorkerThreadClient } from '@temporalio/worker/lib/workflow/threaded-vm';
import { AskedOnce, hearingWhatIsAsked, savingMessages } from '../../../workers/thread-messages';

// Goal: what the SDK's worker asks of a workflow thread is answered as ever, with fewer messages. Method: a thread that is
// played, and answers when it is told to; the order and the kinds of the messages that reach it are looked at.

type Send = WorkerThreadClient['send'];
type Input = Parameters<Send>[0];

const CREATE = { type: 'create-workflow', options: { info: { runId: 'run-1' } } } as unknown as Input;
const ACTIVATE = { type: 'activate-workflow', runId: 'run-1', activation: {} } as Input;
const EXTRACT = { type: 'extract-sink-calls', runId: 'run-1' } as Input;
const COMPLETED = { type: 'activation-completion', completion: { runId: 'run-1', successful: {} } };
const CALL = { ifaceName: 'exporter', fnName: 'export', args: [], workflowInfo: {} };

function playedThread() {
  const asked: string[] = [];
  const answers: ((answer: unknown) => void)[] = [];
  const refusals: ((fault: Error) => void)[] = [];
  const send: Send = (input) => {
    asked.push(input.type);
    return new Promise((resolve, reject) => {
      answers.push(resolve as (answer: unknown) => void);
      refusals.push(reject);
    });
  };
  const ask = savingMessages(send).bind({} as WorkerThreadClient);
  return { asked, answers, refusals, ask };
}

describe('messages to workflow threads', () => {
  it('activates a workflow while it is being created', async () => {
    const { asked, answers, ask } = playedThread();
    assert.equal(await ask(CREATE), undefined);
    const activation = ask(ACTIVATE);
    assert.deepEqual(asked, ['create-workflow', 'activate-workflow']);
    answers[0]?.(undefined);
    answers[1]?.(structuredClone(COMPLETED));
    assert.deepEqual(await activation, COMPLETED);
  });

  it('gives out sink calls that came with the completion, once, and asks for them otherwise', async () => {
    const { asked, answers, ask } = playedThread();
    const activation = ask(ACTIVATE);
    answers[0]?.({ ...COMPLETED, completion: { ...COMPLETED.completion, sinkCalls: [CALL] } });
    assert.deepEqual(await activation, COMPLETED, 'what goes to the server has no sink calls in it');
    assert.deepEqual(await ask(EXTRACT), { type: 'sink-calls', calls: [CALL] });
    assert.deepEqual(asked, ['activate-workflow']);
    const extracted = ask(EXTRACT);
    assert.deepEqual(asked, ['activate-workflow', 'extract-sink-calls']);
    answers[1]?.({ type: 'sink-calls', calls: [] });
    assert.deepEqual(await extracted, { type: 'sink-calls', calls: [] });
  });

  it('tells why a workflow could not be created, and asks nothing of one that is not there', async () => {
    const { asked, refusals, ask } = playedThread();
    await ask(CREATE);
    const activation = ask(ACTIVATE);
    refusals[0]?.(new Error('the bundle has no such interceptor'));
    refusals[1]?.(new Error('Tried to activate non running workflow'));
    await assert.rejects(activation, /no such interceptor/);
    assert.deepEqual(await ask(EXTRACT), { type: 'sink-calls', calls: [] });
    assert.deepEqual(asked, ['create-workflow', 'activate-workflow']);
  });

  it('tells what an activation asks for, and nothing of a replay', async () => {
    const asked: string[] = [];
    const answers: ((answer: unknown) => void)[] = [];
    const send: Send = () => new Promise((resolve) => answers.push(resolve as (answer: unknown) => void));
    const onAsked = new AskedOnce(async (runId, { successful }) => {
      asked.push(`${runId} ${successful?.commands?.length ?? 0}`);
    });
    const ask = savingMessages(send, onAsked).bind({} as WorkerThreadClient);
    const completion = { runId: 'run-1', successful: { commands: [{ startTimer: {} }] } };
    for (const isReplaying of [true, false]) {
      const activation = ask({ ...ACTIVATE, activation: { isReplaying } } as Input);
      answers.pop()?.({ ...COMPLETED, completion });
      await activation;
    }
    assert.deepEqual(asked, ['run-1 1']);
  });

  it('tells of a workflow that begins once its thread has it, and of no other activation', async () => {
    const told: string[] = [];
    const send: Send = async ({ type }) => {
      told.push(type);
      return COMPLETED as never;
    };
    const onNew = ({ workflowId }: { workflowId: string }): void => void told.push(workflowId);
    const ask = savingMessages(send, new AskedOnce(), onNew).bind({} as WorkerThreadClient);
    const begins = { initializeWorkflow: { workflowId: 'order:ACC-1:c-1', continuedFromExecutionRunId: '' } };
    const goesOn = {
      initializeWorkflow: { workflowId: 'order:ACC-1:c-0', continuedFromExecutionRunId: 'r' },
    };
    const activations = [
      { isReplaying: true, jobs: [begins] },
      { isReplaying: false, jobs: [{ fireTimer: {} }] },
      { isReplaying: false, jobs: [goesOn] },
      { isReplaying: false, jobs: [{ fireTimer: {} }, begins] },
    ];
    for (const activation of activations) await ask({ ...ACTIVATE, activation } as Input);
    const activate = 'activate-workflow';
    assert.deepEqual(told, [activate, activate, activate, activate, 'order:ACC-1:c-1']);
  });

  it('answers once what the activation asked for is on its way', async () => {
    const answers: ((answer: unknown) => void)[] = [];
    const send: Send = () => new Promise((resolve) => answers.push(resolve as (answer: unknown) => void));
    let goOn: () => void = () => undefined;
    const onItsWay = new Promise<void>((resolve) => (goOn = resolve));
    const ask = savingMessages(send, new AskedOnce(() => onItsWay)).bind({} as WorkerThreadClient);
    let isAnswered = false;
    const activation = ask(ACTIVATE).finally(() => (isAnswered = true));
    answers[0]?.(structuredClone(COMPLETED));
    await new Promise(setImmediate);
    assert.equal(isAnswered, false);
    goOn();
    assert.deepEqual(await activation, COMPLETED);
  });

  it('passes everything else on', async () => {
    const { asked, answers, ask } = playedThread();
    const disposal = ask({ type: 'dispose-workflow', runId: 'run-1' });
    answers[0]?.(undefined);
    await disposal;
    assert.deepEqual(asked, ['dispose-workflow']);
  });
});

describe('messages of workflow threads that answer none', () => {
  const told = { runId: 'run-1', successful: { commands: [{ scheduleLocalActivity: {} }] } };
  const completion = { runId: 'run-1', successful: { commands: [{ startTimer: {} }, {}] } };

  function playedWorker() {
    const asked: number[] = [];
    const passedOn: string[] = [];
    const answers: ((answer: unknown) => void)[] = [];
    const once = new AskedOnce(async (_runId, { successful }) => {
      asked.push(successful?.commands?.length ?? 0);
    });
    const send: Send = () => new Promise((resolve) => answers.push(resolve as (answer: unknown) => void));
    const client = {} as WorkerThreadClient;
    const hear = hearingWhatIsAsked(({ type }) => void passedOn.push(type), once).bind(client);
    const ask = savingMessages(send, once).bind(client);
    const message = { type: 'asked', runId: 'run-1', completion: told };
    const early = () => hear(message);
    const answer = () => answers.pop()?.({ ...COMPLETED, completion: { ...completion } });
    return { asked, passedOn, hear, early, ask, answer };
  }

  it('tell what a new workflow asks for, and its completion does not again', async () => {
    const { asked, early, ask, answer } = playedWorker();
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const activation = ask(ACTIVATE);
      early();
      answer();
      await activation;
    }
    assert.deepEqual(asked, [1, 1], 'each activation asks once, one that is tried again too');
  });

  it('have nothing to do with the next activation when they are the last of theirs', async () => {
    const { asked, early, ask, answer } = playedWorker();
    void ask(ACTIVATE);
    early();
    const next = ask(ACTIVATE);
    answer();
    await next;
    assert.deepEqual(asked, [1, 2]);
  });

  it('are the business of the SDK when they are not ours', () => {
    const { asked, passedOn, hear } = playedWorker();
    hear({ type: 'patch-activation-callback' });
    assert.deepEqual(asked, []);
    assert.deepEqual(passedOn, ['patch-activation-callback']);
  });
});
