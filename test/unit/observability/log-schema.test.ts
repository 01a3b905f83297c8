import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arrangeFields, logRecordSchema } from '../../../observability/log-schema';
import { toLogFields } from '../../../observability/redaction';

// Goal: whatever is logged, the line fits the one schema. Method: fields of any name and value, known names included.

const FIXED = { time: '2026-03-04T05:06:07.089Z', level: 'info', msg: 'done', component: 'test' };
const KNOWN = Object.keys(logRecordSchema.shape).filter((name) => !(name in FIXED));

describe('log schema', () => {
  it('takes any fields: those that it does not know, or that have another kind, go under detail', () => {
    const name = fc.oneof(fc.constantFrom(...KNOWN), fc.string());
    fc.assert(
      fc.property(fc.dictionary(name, fc.anything()), (fields) => {
        const line = { ...FIXED, ...arrangeFields(toLogFields(fields)) };
        const parsed = logRecordSchema.safeParse(JSON.parse(JSON.stringify(line)));
        assert.ok(parsed.success, `${JSON.stringify(line)}: ${parsed.error?.message}`);
      }),
    );
  });

  it('arranges each of its own fields at the top', () => {
    for (const name of KNOWN.filter((known) => known !== 'detail')) {
      const value = name === 'trace_id' ? 'a'.repeat(32) : name === 'span_id' ? 'b'.repeat(16) : 'text';
      const number = ['sequence', 'status', 'durationMs', 'attempt', 'count', 'port'].includes(name);
      const fields = arrangeFields({ [name]: number ? 1 : value });
      assert.deepEqual(Object.keys(fields), [name]);
      assert.ok(logRecordSchema.safeParse({ ...FIXED, ...fields }).success, name);
    }
  });

  it('refuses a line that another one wrote', () => {
    assert.equal(logRecordSchema.safeParse({ ...FIXED, price: '1' }).success, false);
    assert.equal(logRecordSchema.safeParse({ ...FIXED, level: 'fatal' }).success, false);
    assert.equal(logRecordSchema.safeParse({ ...FIXED, time: 'now' }).success, false);
  });
});
