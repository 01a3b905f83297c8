import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpanStatusCode } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { listSpanFiles, parseSpanLine, SpanFiles } from '../../../observability/span-files';
import { safeSpan, type SpanRecord } from '../../../observability/span-record';

// Goal: spans of the last orders are on disk, bounded in number and bytes, and hold nothing but what may be shown.
// Method: finished spans are handed over as the SDK does, into a folder of the test.

let count = 0;

function spanWith(more: Partial<ReadableSpan> = {}): ReadableSpan {
  count += 1;
  const spanId = count.toString(16).padStart(16, '0');
  return {
    name: 'work',
    kind: 0,
    spanContext: () => ({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId, traceFlags: 1 }),
    startTime: [1_700_000_000, 123_456_789],
    endTime: [1_700_000_000, 124_456_789],
    duration: [0, 1_000_000],
    status: { code: SpanStatusCode.UNSET },
    attributes: {},
    links: [],
    events: [],
    ended: true,
    resource: emptyResource(),
    instrumentationScope: { name: 'test' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...more,
  };
}

describe('trace files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'steadfill-spans-')), 'traces');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  async function readAll(): Promise<SpanRecord[]> {
    const files = await listSpanFiles(folder);
    const texts = await Promise.all(files.map(({ path }) => readFile(path, 'utf8')));
    return texts
      .flatMap((text) => text.split('\n').filter((line) => line !== ''))
      .map((line) => parseSpanLine(line)!);
  }

  it('hold each span once, with its times in microseconds', async () => {
    const files = new SpanFiles({ folder, component: 'api' });
    files.onEnd(spanWith({ name: 'first', parentSpanContext: { traceId: 'a', spanId: 'p', traceFlags: 1 } }));
    files.onEnd(spanWith({ name: 'second' }));
    await files.shutdown();
    const [first, second] = await readAll();
    assert.equal(first?.name, 'first');
    assert.equal(first.parentSpanId, 'p');
    assert.equal(first.startUs, 1_700_000_000_123_457);
    assert.equal(first.durationUs, 1_000);
    assert.equal(second?.name, 'second');
  });

  it('hold no span that was not sampled', async () => {
    const files = new SpanFiles({ folder, component: 'api' });
    files.onEnd(spanWith({ spanContext: () => ({ traceId: 'a', spanId: 'b', traceFlags: 0 }) }));
    await files.shutdown();
    assert.deepEqual(await listSpanFiles(folder), []);
  });

  it('drop what does not fit into memory, and count it', async () => {
    const files = new SpanFiles({ folder, component: 'api', limits: { queuedMax: 3 } });
    for (let index = 0; index < 10; index += 1) files.onEnd(spanWith());
    await files.shutdown();
    assert.equal((await readAll()).length, 3);
    assert.equal(files.droppedCount(), 7);
  });

  it('stay within their bound together, the oldest going first', async () => {
    const limits = { fileBytesMax: 2_000, folderBytesMax: 8_000 };
    const files = new SpanFiles({ folder, component: 'api', limits });
    for (let index = 0; index < 100; index += 1) {
      files.onEnd(spanWith({ name: `span-${index}` }));
      await files.forceFlush();
    }
    await files.shutdown();
    const sizes = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
    const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
    assert.ok(bytes <= limits.folderBytesMax, `${bytes} bytes`);
    const names = (await readAll()).map(({ name }) => name);
    assert.ok(names.includes('span-99') && !names.includes('span-0'), names.join(' '));
  });

  it('are written anew when another process removed one', async () => {
    const files = new SpanFiles({ folder, component: 'api' });
    files.onEnd(spanWith());
    await files.forceFlush();
    await rm(folder, { recursive: true });
    files.onEnd(spanWith({ name: 'after' }));
    await files.shutdown();
    assert.deepEqual(
      (await readAll()).map(({ name }) => name),
      ['after'],
    );
  });

  it('are not looked at where there are none', async () => {
    assert.deepEqual(await listSpanFiles(join(folder, 'absent')), []);
    assert.equal(parseSpanLine('{"traceId":"cut o'), undefined);
    assert.equal(parseSpanLine('null'), undefined);
  });
});

describe('a span that leaves the process', () => {
  it('names no person and holds no secret', () => {
    const safe = safeSpan(
      spanWith({
        attributes: {
          workflowType: 'order',
          workflowId: 'order:ACC-1:a',
          runId: 'run-1',
          memo: { enteredBy: 'Jane Doe' } as never,
          historyLength: 3,
          lastResult: 'jane.doe@example.com',
        },
        status: { code: SpanStatusCode.ERROR, message: 'mongodb://desk:s3cret@db refused, Bearer abc.def' },
        events: [
          {
            time: [0, 0],
            name: 'exception',
            attributes: {
              'exception.message': 'jane.doe@example.com asked',
              'exception.stacktrace': 'at secret (file.ts)',
            },
          },
        ],
      }),
    );
    const text = JSON.stringify({ ...safe, spanContext: undefined, resource: undefined });
    for (const marked of ['Jane', 'jane', 's3cret', 'abc.def', 'at secret']) {
      assert.ok(!text.includes(marked), `${marked} in ${text}`);
    }
    assert.deepEqual(safe.attributes, { workflowId: 'order:ACC-1:a', runId: 'run-1' });
  });
});
