// Goal: whatever a signal carries, the order says exactly what is wrong with it, and takes what is right in one form.
// Method: one good report, changed in one place at a time.
import assert from 'node:assert/strict';
import type { ExecutionReport } from '../../../domain/order/execution-report';
import { formReport } from '../../../domain/order/report-form';
import { recognise, reportKey, seenEntry } from '../../../domain/order/report-identity';
import { d, report } from './order-fixture';

const FILL = { execId: 'f1', lastQty: d('10'), lastPx: d('10') };
const formed = (kind: string, fields: object) =>
  formReport({ ...report('fill', {}), kind, ...fields } as unknown as ExecutionReport);

describe('form of a report', () => {
  const faults: [string, object, string][] = [
    ['dance', {}, 'kind=dance is not known'],
    ['fill', { ...FILL, clOrdId: undefined }, 'clOrdId is missing'],
    ['fill', { ...FILL, venue: 7 }, 'venue is missing'],
    ['fill', { ...FILL, transactTime: null }, 'transactTime is missing'],
    ['fill', { ...FILL, transactTime: 'noon' }, 'transactTime=noon is not a time'],
    ['fill', { ...FILL, execId: '' }, 'a fill needs an execId'],
    ['bust', { execId: undefined, execRefId: 'f1' }, 'a bust needs an execId'],
    ['correct', { ...FILL, execId: null, execRefId: 'f1' }, 'a correct needs an execId'],
    ['bust', { execId: 'h1' }, 'a bust needs the execRefId of what it changes'],
    ['correct', { ...FILL, execRefId: '' }, 'a correct needs the execRefId of what it changes'],
    ['fill', { ...FILL, lastQty: undefined }, 'a fill needs a lastQty above 0'],
    ['fill', { ...FILL, lastQty: '0' }, 'a fill needs a lastQty above 0'],
    ['correct', { ...FILL, execRefId: 'f1', lastQty: '-1' }, 'a correct needs a lastQty above 0'],
    ['fill', { ...FILL, lastPx: null }, 'a fill needs a lastPx'],
    ['correct', { ...FILL, execRefId: 'f1', lastPx: '' }, 'a correct needs a lastPx'],
    ['replaced', { execId: 'r1', orderQty: '0' }, 'a replaced needs an orderQty above 0'],
    ['restated', { execId: 's1', orderQty: '-5' }, 'a restated needs an orderQty above 0'],
  ];
  for (const name of ['lastQty', 'lastPx', 'fee', 'orderQty', 'limitPrice', 'stopPrice']) {
    faults.push(['fill', { ...FILL, [name]: '1e3' }, `${name}=1e3 is not a decimal`]);
  }
  for (const name of ['execId', 'execRefId', 'origClOrdId', 'venueOrderId', 'reason', 'text', 'marketTime']) {
    faults.push(['fill', { ...FILL, [name]: {} }, `${name} is not a text`]);
  }
  for (const name of ['tradeDate', 'settlementDate', 'settleAt']) {
    faults.push(['fill', { ...FILL, [name]: 'soon' }, `${name} is not a date`]);
    faults.push(['fill', { ...FILL, [name]: 20250303 }, `${name} is not a date`]);
  }
  for (const [kind, fields, problem] of faults) {
    it(`says "${problem}"`, () => assert.deepEqual(formed(kind, fields), { problem }));
  }

  it('makes decimals canonical, codes texts, and leaves out what is empty', () => {
    const given = { ...FILL, lastPx: '10.50', fee: '', reason: 6, text: null, tradeDate: '', marketTime: '' };
    const { clOrdId, venue, orderId, transactTime } = report('fill', {});
    assert.deepEqual(formed('fill', given), {
      report: { clOrdId, venue, orderId, transactTime, kind: 'fill', ...FILL, lastPx: '10.5', reason: '6' },
    });
  });

  it('asks for quantities only where they mean something', () => {
    assert.ok('report' in formed('bust', { execId: 'h1', execRefId: 'f1', lastQty: '0', lastPx: '0' }));
    assert.ok('report' in formed('accepted', { execId: 'a1', orderQty: '0' }));
    assert.ok('report' in formed('cancelRejected', { execId: undefined }));
    assert.ok('report' in formed('fill', { ...FILL, lastPx: '-3' }));
    assert.ok('report' in formed('replaced', { execId: 'r1' }));
  });
});

describe('identity of a report', () => {
  const at = (transactTime: string) => ({ execId: '', transactTime });

  it('is its ExecID, or without one its ClOrdID, its kind, and its time where a kind comes often', () => {
    assert.equal(reportKey(report('fill', { execId: 'f1' })), 'f1');
    assert.equal(reportKey(report('cancelRejected', { clOrdId: 'o-2' })), 'o-2/cancelRejected');
    for (const kind of [
      'restated',
      'doneForDay',
      'suspended',
      'stopped',
      'triggered',
      'calculated',
    ] as const) {
      assert.equal(reportKey(report(kind, { clOrdId: 'o-1', ...at('T') })), `o-1/${kind}/T`);
    }
  });

  it('tells repeats from conflicts, and conflicts from what was only raised', () => {
    const one = report('fill', FILL);
    const other = { ...one, lastPx: d('11') };
    assert.equal(recognise([], one), 'fresh');
    assert.equal(recognise([seenEntry(one, 'applied')], one), 'repeat');
    assert.equal(recognise([seenEntry(one, 'raised')], one), 'repeat');
    assert.equal(recognise([seenEntry(one, 'applied')], other), 'conflict');
    assert.equal(recognise([seenEntry(one, 'raised')], other), 'fresh');
    assert.equal(
      recognise([seenEntry(report('fill', { ...FILL, execId: 'f1#2' }), 'applied')], other),
      'fresh',
    );
    assert.match(seenEntry(one, 'applied'), /^f1#[0-9a-f]{8}$/);
    assert.match(seenEntry(one, 'raised'), /^f1![0-9a-f]{8}$/);
  });
});
