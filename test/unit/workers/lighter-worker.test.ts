import assert from 'node:assert/strict';
import type { Worker } from '@temporalio/worker';
import type { SinkCall } from '@temporalio/workflow';
import { afterCompletions, copyingForCodecs } from '../../../workers/lighter-worker';

// Goal: messages are copied for codecs alone, and sinks hear after completions. Method: a copy that can be told from its
// original, and calls that are written down.

describe('messages of activations', () => {
  const copy = copyingForCodecs(async (message) => structuredClone(message));

  it('are passed on as they are without a codec', async () => {
    const message = { runId: 'run-1' };
    assert.equal(await copy.call({ codecs: [] }, message), message);
  });

  it('are copied for a codec', async () => {
    const message = { runId: 'run-1' };
    const copied = await copy.call({ codecs: [{}] }, message);
    assert.notEqual(copied, message);
    assert.deepEqual(copied, message);
  });
});

describe('sink calls', () => {
  it('come after the completion, in their order', async () => {
    const heard: string[] = [];
    const process = afterCompletions(async (calls) => {
      heard.push(...calls.map(({ fnName }) => fnName));
    });
    const call = (fnName: string) => [{ fnName } as SinkCall];
    const worker = {} as Worker;
    await process.call(worker, call('first'), {});
    await process.call(worker, [], {});
    await process.call(worker, call('second'), {});
    assert.deepEqual(heard, []);
    await new Promise(setImmediate);
    assert.deepEqual(heard, ['first', 'second']);
  });
});
