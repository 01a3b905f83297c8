// Goal: an order shows what FIX's order-state matrices say. Method: play each matrix (the shared ones when they are
// there, and our own always) on the pure domain as it stands, with every report delivered again and again, and with
// executions out of order, and compare what the order shows. The workflow plays them in test/component/matrix.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { foldOrder } from '../../../domain/order/evolve';
import type { ExecutionReport } from '../../../domain/order/execution-report';
import { runsOf } from '../../../tools/matrix/execution-runs';
import { parseMatrix, type MatrixStep, type OrderMatrix } from '../../../tools/matrix/matrix-form';
import { MatrixScript, matrixRequest } from '../../../tools/matrix/matrix-script';
import { meets, showsOf } from '../../../tools/matrix/matrix-shows';
import { AT, ORDER_ID, OrderUnderTest, TERMS, VENUE } from './order-fixture';

const OWN = path.resolve(__dirname, '../../matrices');
const SHARED = path.resolve(__dirname, '../../../../shared/data/matrices');

function matricesIn(folder: string): OrderMatrix[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.map((file) => parseMatrix(JSON.parse(readFileSync(path.join(folder, file), 'utf8')), file));
}

/** One order of a matrix on the pure domain. */
class DomainPlay {
  readonly order: OrderUnderTest;
  private readonly matrix: OrderMatrix;
  private readonly script = new MatrixScript(ORDER_ID, VENUE);
  private readonly delivered: ExecutionReport[] = [];

  constructor(matrix: OrderMatrix) {
    this.matrix = matrix;
    const identity = { account: 'ACC-1', symbol: 'IBM', clientOrderId: 'c-1' };
    this.order = new OrderUnderTest(matrixRequest(matrix, identity));
  }

  client(step: MatrixStep): void {
    if (this.ask(step)) this.script.noteClient(step);
  }

  report(step: MatrixStep): ExecutionReport {
    const report = this.script.report(step, AT);
    this.delivered.push(report);
    return report;
  }

  /** Delivers a report; an earlier one of the same content must be told from it. */
  deliver(report: ExecutionReport): void {
    const refusal = this.order.run({ type: 'applyReport', report });
    assert.ok(refusal === undefined || refusal.duplicate);
  }

  repeatAll(): void {
    for (const report of this.delivered) {
      assert.equal(this.order.run({ type: 'applyReport', report })?.duplicate, true);
    }
  }

  look(index: number): void {
    const { expect = {} } = this.matrix.steps[index] ?? {};
    const shows = showsOf(this.order.state, expect, (clOrdId) => this.script.nameOfClOrdId(clOrdId));
    const text = `step ${index + 1}: shows ${JSON.stringify(shows)}, expected ${JSON.stringify(expect)}`;
    assert.ok(meets(shows, expect), text);
  }

  private ask(step: MatrixStep): boolean {
    const { quantity, limitPrice, client } = step;
    const requestId = `request-${step.clOrdId}`;
    if (client === 'cancel') return isTaken(this.order.cancel(requestId));
    if (client === 'replace') return isTaken(this.order.replace(requestId, quantity, limitPrice));
    if (this.order.state.state !== 'new') return true;
    this.order.run({ type: 'recordValidated', terms: TERMS });
    return isTaken(this.order.run({ type: 'recordRouted' }));
  }
}

function isTaken(refusal: ReturnType<OrderUnderTest['run']>): boolean {
  return refusal === undefined || refusal.duplicate;
}

function play(matrix: OrderMatrix, isRepeated: boolean): void {
  const one = new DomainPlay(matrix);
  matrix.steps.forEach((step, index) => {
    if (step.client !== undefined) one.client(step);
    else one.deliver(one.report(step));
    if (isRepeated) one.repeatAll();
    one.look(index);
  });
  assert.deepEqual(foldOrder(one.order.events), one.order.state);
}

function playBackwards(matrix: OrderMatrix): void {
  const one = new DomainPlay(matrix);
  for (const run of runsOf(matrix.steps)) {
    const steps = run.map((index) => matrix.steps[index]).filter((step) => step !== undefined);
    if (steps[0]?.client !== undefined) one.client(steps[0]);
    else for (const report of steps.map((step) => one.report(step)).reverse()) one.deliver(report);
    one.look(run.at(-1) ?? 0);
  }
}

function describePlays(matrices: readonly OrderMatrix[]): void {
  for (const matrix of matrices) {
    it(`${matrix.id}: ${matrix.title}`, () => play(matrix, false));
    it(`${matrix.id} with every report delivered again and again`, () => play(matrix, true));
    if (runsOf(matrix.steps).some((run) => run.length > 1)) {
      it(`${matrix.id} with executions out of order`, () => playBackwards(matrix));
    }
  }
}

describe('order-state matrices on the pure domain', () => {
  describe('our own', () => describePlays(matricesIn(OWN)));

  describe('shared', () => {
    if (existsSync(SHARED)) return describePlays(matricesIn(SHARED));
    it('the shared matrices', function skipShared() {
      this.skip();
    });
  });
});
