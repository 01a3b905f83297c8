import type { ExecutionReport } from '../../domain/order/execution-report';
import type { MatrixExpectation, MatrixShows } from './matrix-shows';
import { meets, showsOf } from './matrix-shows';
import { matrixRequest, MatrixScript } from './matrix-script';
import type { MatrixStep, OrderMatrix } from './matrix-form';
import { PlayedOrder, type PlayGround } from './played-order';
import { MATRIX_VENUE } from './scripted-world';

/** The ways in which a matrix can be played. */
export const PLAYS = ['plain', 'crash', 'duplicates', 'disorder'] as const;
export type PlayName = (typeof PLAYS)[number];

/** What one step came to. */
export interface StepOutcome {
  matrix: string;
  /** Counts from 1. */
  step: number;
  shows: MatrixShows;
  expect: MatrixExpectation;
  ok: boolean;
  /** Why the step could not be played or read; without it the order showed something else than expected. */
  error?: string;
}

const ACCOUNT = 'MATRIX';
const SYMBOL = 'IBM';

/** One matrix under one play, step by step. */
export class MatrixPlay {
  readonly outcomes: StepOutcome[] = [];
  private readonly matrix: OrderMatrix;
  private readonly order: PlayedOrder;
  private readonly script: MatrixScript;
  private readonly delivered: ExecutionReport[] = [];
  private readonly onRefusal: (text: string) => void;

  /** `name` is unique on the server; `onRefusal` hears of client steps that the order refused. */
  constructor(
    matrix: OrderMatrix,
    ground: PlayGround,
    name: string,
    onRefusal: (text: string) => void = () => undefined,
  ) {
    this.matrix = matrix;
    const identity = { account: ACCOUNT, symbol: SYMBOL, clientOrderId: name };
    this.order = new PlayedOrder(ground, matrixRequest(matrix, identity));
    this.script = new MatrixScript(this.order.orderId, MATRIX_VENUE);
    this.onRefusal = onRefusal;
  }

  /** True when there is a step `index`, and the ones before could be played. */
  canPlay(index: number): boolean {
    return index < this.matrix.steps.length && this.outcomes.at(-1)?.error === undefined;
  }

  /** After the death of a worker: the next task goes to whoever polls. */
  async forgetWorker(): Promise<void> {
    if (this.outcomes.length > 0) await this.order.forgetWorker();
  }

  /** Plays step `index` as it stands. */
  async step(index: number): Promise<void> {
    await this.guarded(index, async (step) => {
      if (step.client === undefined) await this.order.deliver([this.report(step)]);
      else await this.client(step, index);
      await this.look(index);
    });
  }

  /** Plays step `index`; a report comes twice, and every report before it once more. */
  async stepTwice(index: number): Promise<void> {
    await this.guarded(index, async (step) => {
      if (step.client !== undefined) await this.client(step, index);
      else {
        const earlier = [...this.delivered];
        const report = this.report(step);
        await this.order.deliver([report, report, ...earlier]);
      }
      await this.look(index);
    });
  }

  /** Plays a run of executions from its end to its beginning, each twice. What they come to is compared at its end. */
  async runBackwards(run: readonly number[]): Promise<void> {
    const last = run.at(-1) ?? 0;
    if (run.length === 1) return await this.stepTwice(last);
    await this.guarded(last, async () => {
      const reports = run.map((index) => this.report(this.stepAt(index)));
      for (const [place, report] of [...reports].reverse().entries()) {
        await this.order.deliver([report, report]);
        if (place < run.length - 1) await this.look(run[place] ?? 0, {});
      }
      await this.look(last);
    });
  }

  private stepAt(index: number): MatrixStep {
    const step = this.matrix.steps[index];
    if (step === undefined) throw new Error(`matrix ${this.matrix.id} has no step ${index + 1}`);
    return step;
  }

  private report(step: MatrixStep): ExecutionReport {
    const report = this.script.report(step, new Date().toISOString());
    this.delivered.push(report);
    return report;
  }

  private async client(step: MatrixStep, index: number): Promise<void> {
    const refusal = await this.order.act(step);
    if (refusal === undefined) this.script.noteClient(step);
    else this.onRefusal(`${this.matrix.id} step ${index + 1}: refused by us: ${refusal}`);
  }

  private async look(index: number, expect = this.stepAt(index).expect): Promise<void> {
    const shows = showsOf(await this.order.state(), expect, (clOrdId) => this.script.nameOfClOrdId(clOrdId));
    this.outcomes.push({ matrix: this.matrix.id, step: index + 1, shows, expect, ok: meets(shows, expect) });
  }

  /** A step that cannot be played has failed, and so has its matrix; others go on. */
  private async guarded(index: number, body: (step: MatrixStep) => Promise<void>): Promise<void> {
    const step = this.stepAt(index);
    try {
      await body(step);
    } catch (fault) {
      const error = fault instanceof Error ? fault.message : String(fault);
      const { expect } = step;
      this.outcomes.push({ matrix: this.matrix.id, step: index + 1, shows: {}, expect, ok: false, error });
    }
  }
}
