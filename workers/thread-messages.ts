import { setEnvironmentData } from 'node:worker_threads';
import { WorkerThreadClient } from '@temporalio/worker/lib/workflow/threaded-vm';
import type { SinkCall } from '@temporalio/workflow';
import { LISTENS } from '../observability/asked-early.cjs';
import type { Completion } from './early-steps';

type Send = WorkerThreadClient['send'];
type Activation = Extract<Parameters<Send>[0], { type: 'activate-workflow' }>;
/** The answer of a thread that has our preload: see observability/sinks-along.cjs. */
type CarryingAnswer = { completion?: Completion & { sinkCalls?: SinkCall[] } } | undefined;
/**
 * Hears what an activation that is no replay asks for; the worker is told of it once the answer, if there is one, has
 * resolved.
 */
type OnAsked = (runId: string, completion: Completion) => Promise<void> | undefined;

/** A workflow that begins on this worker, with its first run. */
export interface NewWorkflow {
  workflowId: string;
}

/** Passes on what activations ask for, once for each: when its thread tells it early, or else with its completion. */
export class AskedOnce {
  private readonly told = new Map<string, Promise<void> | undefined>();
  private readonly onAsked: OnAsked;

  constructor(onAsked: OnAsked = () => undefined) {
    this.onAsked = onAsked;
  }

  /** An earlier activation that told something and never answered has nothing to do with this one. */
  begin(runId: string): void {
    this.told.delete(runId);
  }

  tell(runId: string, completion: Completion): void {
    this.told.set(runId, this.onAsked(runId, completion));
  }

  /** `completion`: undefined for a replay, which asks for nothing. */
  async end(runId: string, completion: Completion | undefined): Promise<void> {
    const wasTold = this.told.has(runId);
    const onItsWay = this.told.get(runId);
    this.told.delete(runId);
    if (wasTold) await onItsWay;
    else if (completion !== undefined) await this.onAsked(runId, completion);
  }
}

/**
 * Lets an activation take one message to its workflow thread and one back, where the SDK sends up to three and waits for
 * the answer to each: create the workflow, activate it, give out what it has for sinks. Each wait wakes two threads. Now
 * a workflow is activated while its thread still creates it, because a thread takes messages in order, and what it has
 * for sinks has come along with the completion (decision 0073). A thread without our preload is asked for it as ever.
 */
export function savingMessages(
  send: Send,
  asked = new AskedOnce(),
  onNew: (workflow: NewWorkflow) => void = () => undefined,
): Send {
  const creations = new Map<string, Promise<unknown>>();
  const sinkCalls = new Map<string, SinkCall[]>();

  function create(runId: string, creation: Promise<unknown>): undefined {
    // Whoever waits for the activation that follows is told of a fault.
    creation.catch(() => undefined);
    creations.set(runId, creation);
  }

  async function completionOf(
    { runId, activation: input }: Activation,
    activation: ReturnType<Send>,
  ): ReturnType<Send> {
    const creation = creations.get(runId);
    creations.delete(runId);
    try {
      // Without a workflow the activation fails as well, and says less.
      await creation;
    } catch (fault) {
      sinkCalls.set(runId, []);
      activation.catch(() => undefined);
      throw fault;
    }
    const answer = await activation;
    const { completion } = (answer as CarryingAnswer) ?? {};
    if (completion?.sinkCalls !== undefined) sinkCalls.set(runId, completion.sinkCalls);
    delete completion?.sinkCalls;
    await asked.end(runId, isNew(input) ? completion : undefined);
    return answer;
  }

  function takeSinkCalls(runId: string): SinkCall[] | undefined {
    const calls = sinkCalls.get(runId);
    sinkCalls.delete(runId);
    return calls;
  }

  return async function (this: WorkerThreadClient, input) {
    switch (input.type) {
      case 'create-workflow':
        return create(input.options.info.runId, send.call(this, input));
      case 'activate-workflow': {
        asked.begin(input.runId);
        const activation = send.call(this, input);
        const begun = newWorkflowIn(input);
        if (begun !== undefined) onNew(begun);
        return await completionOf(input, activation);
      }
      case 'extract-sink-calls': {
        const calls = takeSinkCalls(input.runId);
        return calls === undefined ? await send.call(this, input) : { type: 'sink-calls', calls };
      }
      default:
        return await send.call(this, input);
    }
  };
}

/** False while the workflow does again what its history has; what is not decoded may be that. */
function isNew(activation: Activation['activation']): boolean {
  return !(activation instanceof Uint8Array) && activation.isReplaying !== true;
}

/** The workflow that begins with this activation, and for which there is no history yet, in no run. */
function newWorkflowIn(input: Activation): NewWorkflow | undefined {
  const { activation } = input;
  if (!isNew(activation) || activation instanceof Uint8Array) return undefined;
  const begins = activation.jobs?.find((job) => job.initializeWorkflow)?.initializeWorkflow;
  if (!begins?.workflowId || begins.continuedFromExecutionRunId) return undefined;
  return { workflowId: begins.workflowId };
}

/** A message of a thread with our preload that answers none of ours: see observability/asked-early.cjs. */
interface AskedEarly {
  type: 'asked';
  runId: string;
  completion: Completion;
}
type Hear = (this: WorkerThreadClient, message: { type: string }) => void;

/** Hears what a new workflow asks for before its activation is over; `hear` takes the messages that the SDK knows. */
export function hearingWhatIsAsked(hear: Hear, asked: AskedOnce): Hear {
  return function (this: WorkerThreadClient, message) {
    if (message.type !== 'asked') return hear.call(this, message);
    const { runId, completion } = message as AskedEarly;
    asked.tell(runId, completion);
  };
}

export interface ThreadListeners {
  onAsked?: OnAsked;
  /**
   * Told of each workflow that begins and continues no other run, once its thread has it and while this thread has nothing
   * to do. Must not throw.
   */
  onNew?: (workflow: NewWorkflow) => void;
}

/** From now on the workers of this process save messages to their workflow threads. */
export function saveThreadMessages({ onAsked, onNew }: ThreadListeners = {}): void {
  const asked = new AskedOnce(onAsked);
  const client = WorkerThreadClient.prototype;
  client.send = savingMessages(client.send, asked, onNew);
  const hearing = client as unknown as { handlePatchActivationCallback: Hear };
  hearing.handlePatchActivationCallback = hearingWhatIsAsked(hearing.handlePatchActivationCallback, asked);
  setEnvironmentData(LISTENS, true);
}
