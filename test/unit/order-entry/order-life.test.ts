// Goal: an order inside the workflow answers validators by what it is about to know, and tells operations of reports
// that break a rule. Method: one life without Temporal, driven by commands and by what waits in its inbox.
import assert from 'node:assert/strict';
import type { ExecutionReport } from '../../../domain/order/execution-report';
import { clOrdIdOf } from '../../../domain/order/order-id';
import { OrderLife } from '../../../workflows/order-entry/order-life';
import { AT, d, ORDER_ID, report, REQUEST, TERMS } from '../order/order-fixture';

const cancel = (requestId: string) => ({ type: 'requestCancel' as const, requestId, by: 'ann' });

function livingOrder() {
  const anomalies: string[] = [];
  const life = new OrderLife(
    { orderId: ORDER_ID, request: REQUEST, requestHash: 'h', enteredBy: 'ann' },
    'order:ACC-1:c-1',
    () => AT,
    () => undefined,
    () => null,
    (_state, code) => anomalies.push(code),
  );
  life.apply({ type: 'recordValidated', terms: TERMS });
  life.apply({ type: 'recordRouted' });
  const take = (told: ExecutionReport) => life.apply({ type: 'applyReport', report: told });
  take(report('accepted', { execId: 'ack' }));
  return { life, anomalies, take };
}

describe('life of an order', () => {
  it('lets a validator see the reports that the main loop has not taken yet, and changes nothing', () => {
    const { life } = livingOrder();
    life.apply(cancel('c1'));
    const refused = report('cancelRejected', { clOrdId: clOrdIdOf(ORDER_ID, 2), reason: '0' });
    life.inbox.push({ kind: 'reports', reports: [refused, refused] });
    const before = life.state;
    assert.equal(life.wouldRefuse(cancel('c2'))?.code, 'CANCEL_PENDING');
    assert.equal(life.wouldRefuseAfterReports(cancel('c2')), undefined);
    assert.equal(life.state, before);
    assert.equal(life.inbox.length, 1);
  });

  it('lets a validator refuse what a waiting report has made impossible', () => {
    const { life } = livingOrder();
    const fill = report('fill', { execId: 'f1', lastQty: d('100'), lastPx: d('10') });
    life.inbox.push({ kind: 'wake' }, { kind: 'reports', reports: [fill] });
    assert.equal(life.wouldRefuse(cancel('c1')), undefined);
    assert.equal(life.wouldRefuseAfterReports(cancel('c1'))?.code, 'ORDER_CLOSED');
  });

  it('tells of each report that breaks a rule, by the code of the rule', () => {
    const { take, anomalies } = livingOrder();
    take(report('fill', { execId: 'f1', lastQty: d('150'), lastPx: d('10') }));
    take(report('fill', { execId: 'f1', lastQty: d('150'), lastPx: d('10') }));
    take(report('fill', { execId: 'f1', lastQty: d('100'), lastPx: d('10') }));
    take(report('cancelled', { execId: 'c1' }));
    assert.deepEqual(anomalies, ['OVERFILL', 'REPORT_CONTENT_CONFLICT', 'INVALID_TRANSITION']);
  });
});
