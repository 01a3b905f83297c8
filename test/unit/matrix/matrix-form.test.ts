// Goal: a matrix is read liberally where its meaning is clear, and refused by name of step and field where it is not.
// Method: one small matrix, changed in one place at a time.
import assert from 'node:assert/strict';
import { runsOf } from '../../../tools/matrix/execution-runs';
import { MatrixFault, parseMatrix } from '../../../tools/matrix/matrix-form';
import { MatrixScript } from '../../../tools/matrix/matrix-script';
import { meets } from '../../../tools/matrix/matrix-shows';

const ORDER = { side: 'buy', type: 'limit', quantity: '100', limitPrice: '10', timeInForce: 'day' };
const NEW = { client: 'new', clOrdId: 'X' };
const FILL = { venue: 'fill', execId: 'f1', lastQty: '10', lastPx: '10' };
const MATRIX = { id: 'm', title: 't', order: ORDER, steps: [NEW, FILL] };

const withOrder = (change: object) => parseMatrix({ ...MATRIX, order: { ...ORDER, ...change } }).order;
const withStep = (step: object) => parseMatrix({ ...MATRIX, steps: [NEW, step] }).steps[1];

describe('matrix form', () => {
  it('takes numbers for amounts and codes, and makes amounts canonical', () => {
    assert.equal(withOrder({ quantity: 100.5, limitPrice: '10.00' }).limitPrice, '10');
    assert.equal(withOrder({ quantity: 100.5 }).quantity, '100.5');
    assert.equal(withStep({ venue: 'cancelled', reason: 6 })?.reason, '6');
  });

  it('gives what may be left out its usual value, and leaves unknown fields alone', () => {
    const { timeInForce: _left, type: _out, ...order } = ORDER;
    const matrix = parseMatrix({ order, steps: [NEW, { ...FILL, comment: 'free', expect: null }] }, 'file');
    assert.deepEqual([matrix.id, matrix.title], ['file', '']);
    assert.deepEqual([matrix.order.timeInForce, matrix.order.type], ['day', 'limit']);
    assert.deepEqual(matrix.steps[1], { ...FILL, expect: {} });
  });

  const faults: [string, () => unknown, RegExp][] = [
    ['no object', () => parseMatrix([]), /^a matrix must be an object$/],
    ['no steps', () => parseMatrix({ ...MATRIX, steps: [] }), /^steps must be a list/],
    ['no order', () => parseMatrix({ ...MATRIX, order: 'x' }), /^order must be an object$/],
    ['no new at first', () => parseMatrix({ ...MATRIX, steps: [FILL] }), /^step 1: a matrix begins/],
    ['no side', () => withOrder({ side: undefined }), /^order: side is missing; it is one of buy, /],
    ['unknown type', () => withOrder({ type: 'guess' }), /^order: type "guess" is not known/],
    ['no quantity', () => withOrder({ quantity: null }), /^order: quantity is missing$/],
    ['quantity of nothing', () => withOrder({ quantity: '0' }), /^order: quantity must be above 0$/],
    ['no decimal', () => withOrder({ quantity: '1e3' }), /^order: quantity "1e3" is not a plain decimal$/],
    ['no limit', () => withOrder({ limitPrice: undefined }), /^order: limitPrice is missing/],
    ['no actor', () => withStep({ execId: 'f1' }), /^step 2: exactly one of client and venue must act$/],
    ['two actors', () => withStep({ ...FILL, ...NEW }), /^step 2: exactly one of/],
    ['unknown act', () => withStep({ client: 'amend' }), /^step 2: client "amend" is not known; .* replace$/],
    [
      'no clOrdId',
      () => withStep({ client: 'cancel' }),
      /^step 2: clOrdId is missing, and "cancel" needs one$/,
    ],
    ['no change', () => withStep({ client: 'replace', clOrdId: 'Y' }), /^step 2: quantity is missing/],
    [
      'no lastQty',
      () => withStep({ ...FILL, lastQty: undefined }),
      /^step 2: lastQty is missing, and "fill"/,
    ],
    ['no lastPx', () => withStep({ ...FILL, lastPx: undefined }), /^step 2: lastPx is missing/],
    ['no execId', () => withStep({ ...FILL, execId: undefined }), /^step 2: execId is missing/],
    ['no reference', () => withStep({ venue: 'bust', execId: 'h' }), /^step 2: execRefId is missing/],
    ['text that is none', () => withStep({ ...FILL, execId: {} }), /^step 2: execId must be a string$/],
    [
      'expectation that is none',
      () => withStep({ ...FILL, expect: 'x' }),
      /^step 2: expect must be an object$/,
    ],
    [
      'unknown expectation',
      () => withStep({ ...FILL, expect: { mood: 'x' } }),
      /^step 2: expect\.mood is not/,
    ],
  ];
  for (const [name, act, message] of faults) {
    it(`refuses a matrix with ${name}`, () => {
      assert.throws(act, (fault) => fault instanceof MatrixFault && message.test(fault.message));
    });
  }
});

describe('comparison of a step', () => {
  it('compares numbers by value and words by letter', () => {
    assert.ok(meets({ cumQty: '100', ordStatus: 'new' }, { cumQty: '100.00', ordStatus: 'new' }));
    assert.ok(!meets({ cumQty: '100.01' }, { cumQty: '100' }));
    assert.ok(!meets({ ordStatus: 'filled' }, { ordStatus: 'new' }));
    assert.ok(!meets({}, { ordStatus: 'new' }));
  });

  it('compares averages at the precision of the coarser one, and not below two places', () => {
    assert.ok(meets({ avgPx: '100.33333333' }, { avgPx: '100.3333' }));
    assert.ok(meets({ avgPx: '100.33333333' }, { avgPx: '100.3333333333' }));
    assert.ok(!meets({ avgPx: '100.33333333' }, { avgPx: '100.3334' }));
    assert.ok(!meets({ avgPx: '100.3' }, { avgPx: '100' }));
    assert.ok(!meets({ leavesQty: '100.333' }, { leavesQty: '100.33' }));
  });
});

describe('script of a matrix', () => {
  function scripted(...steps: object[]) {
    const script = new MatrixScript('o', 'V');
    for (const step of parseMatrix({ ...MATRIX, steps: [NEW, ...steps] }).steps) script.noteClient(step);
    return script;
  }
  const at = '2025-03-03T15:00:00.000Z';
  const idOf = (script: MatrixScript, step: object) => {
    const parsed = withStep(step);
    return parsed && script.report(parsed, at).clOrdId;
  };
  const REPLACE_Y = { client: 'replace', clOrdId: 'Y', quantity: '50' };

  it('lets a report without a name answer the oldest request that it can answer', () => {
    const script = scripted(REPLACE_Y, { ...REPLACE_Y, clOrdId: 'Z' });
    assert.equal(idOf(script, { venue: 'pendingReplace' }), 'o-2');
    assert.equal(idOf(script, { venue: 'pendingReplace' }), 'o-3');
    assert.equal(idOf(script, { venue: 'replaced' }), 'o-2');
    assert.equal(idOf(script, FILL), 'o-2');
    assert.equal(idOf(script, { venue: 'replaceRejected' }), 'o-3');
    assert.equal(idOf(script, { venue: 'cancelled' }), 'o-2');
  });

  it('keeps a request open while reports about something else name it', () => {
    const script = scripted(REPLACE_Y);
    assert.equal(idOf(script, { ...FILL, clOrdId: 'Y' }), 'o-2');
    assert.equal(idOf(script, { venue: 'replaced' }), 'o-2');
    assert.equal(script.nameOfClOrdId('o-2'), 'Y');
  });

  it('gives a name that was never taken an id outside of the chain', () => {
    assert.equal(idOf(scripted(), { venue: 'cancelRejected', clOrdId: 'Q' }), 'o-refused-Q');
  });

  it('makes execution ids unique to the order, and gives each report one where FIX has one', () => {
    const script = scripted();
    assert.equal(script.report(parseMatrix(MATRIX).steps[1]!, at).execId, 'o.f1');
    const accepted = withStep({ venue: 'accepted' });
    assert.notEqual(script.report(accepted!, at).execId, script.report(accepted!, at).execId);
    assert.equal(script.report(withStep({ venue: 'cancelRejected' })!, at).execId, undefined);
  });
});

describe('runs of executions', () => {
  const bust = (execId: string, execRefId: string) => ({ venue: 'bust', execId, execRefId });
  const runs = (...steps: object[]) => runsOf(parseMatrix({ ...MATRIX, steps: [NEW, ...steps] }).steps);
  const fill = (execId: string) => ({ ...FILL, execId });

  it('joins executions that follow each other, and nothing else', () => {
    assert.deepEqual(runs(fill('a'), fill('b'), bust('c', 'a'), { venue: 'doneForDay' }, fill('d')), [
      [0],
      [1, 2, 3],
      [4],
      [5],
    ]);
  });

  it('does not swap what has one id or changes the same execution', () => {
    assert.deepEqual(runs(fill('a'), fill('a')), [[0], [1], [2]]);
    assert.deepEqual(runs(fill('a'), bust('b', 'a'), bust('c', 'a')), [[0], [1, 2], [3]]);
  });
});
