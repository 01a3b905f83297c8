import assert from 'node:assert/strict';
import { copyingForCodecs } from '../../../workers/lighter-worker';

// Goal: messages are copied for codecs alone. Method: a copy that can be told from its original.

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
