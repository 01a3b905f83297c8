// Goal: the order domain follows the FIX order-state matrices. Method: play each matrix (the shared ones when they
// are there, and our own always) on the pure domain, once with every report delivered once and once with every
// report delivered twice, and compare what the order shows after each step.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  MatrixScript,
  matrixRequest,
  parseMatrix,
  type MatrixStep,
  type OrderMatrix,
} from '../../../domain/order/order-matrix';
import { foldOrder } from '../../../domain/order/evolve';
import { toOrderView } from '../../../domain/order/order-projection';
import { AT, ORDER_ID, OrderUnderTest, TERMS, VENUE } from './order-fixture';
import { OWN_MATRICES } from './own-matrices';

const SHARED = path.resolve(__dirname, '../../../../shared/data/matrices');

function playClient(order: OrderUnderTest, step: MatrixStep): boolean {
  const { quantity, limitPrice, stopPrice } = step;
  const requestId = `request-${step.clOrdId}`;
  switch (step.client) {
    case 'cancel':
      return order.cancel(requestId) === undefined;
    case 'replace':
      return order.replace(requestId, quantity, limitPrice ?? stopPrice) === undefined;
    default:
      order.run({ type: 'recordValidated', terms: TERMS });
      return order.run({ type: 'recordRouted' }) === undefined;
  }
}

function play(matrix: OrderMatrix, deliveries: number): void {
  const identity = { account: 'ACC-1', symbol: 'IBM', clientOrderId: 'c-1' };
  const order = new OrderUnderTest(matrixRequest(matrix, identity));
  const script = new MatrixScript(ORDER_ID, VENUE);
  matrix.steps.forEach((step, index) => {
    if (step.client !== undefined) {
      if (!script.isRepeat(step) && playClient(order, step)) script.noteClient(step);
    } else {
      const report = script.report(step, AT);
      const first = order.run({ type: 'applyReport', report });
      assert.equal(first, undefined, `step ${index + 1} was taken for a repeat`);
      for (let again = 1; again < deliveries; again += 1) {
        assert.equal(order.run({ type: 'applyReport', report })?.duplicate, true);
      }
    }
    const { shows, ok } = script.compare(step.expect, toOrderView(order.state));
    assert.ok(
      ok,
      `step ${index + 1}: shows ${JSON.stringify(shows)}, expected ${JSON.stringify(step.expect)}`,
    );
  });
  assert.deepEqual(foldOrder(order.events), order.state);
}

function describePlays(matrices: readonly OrderMatrix[]): void {
  for (const matrix of matrices) {
    it(`${matrix.id}: ${matrix.title}`, () => play(matrix, 1));
    it(`${matrix.id} with every report delivered twice`, () => play(matrix, 2));
  }
}

describe('order-state matrices on the pure domain', () => {
  describe('our own', () => describePlays(OWN_MATRICES));

  describe('shared', () => {
    if (!existsSync(SHARED)) {
      it('the shared matrices', function skipShared() {
        this.skip();
      });
      return;
    }
    const files = readdirSync(SHARED).filter((file) => file.endsWith('.json'));
    describePlays(
      files.map((file) => parseMatrix(JSON.parse(readFileSync(path.join(SHARED, file), 'utf8')))),
    );
  });

  it('refuses what is not a matrix', () => {
    assert.throws(
      () => parseMatrix({ id: 'x', order: { quantity: '1' }, steps: [{ venue: 'dances' }] }),
      TypeError,
    );
    assert.throws(() => parseMatrix(null), TypeError);
  });
});
