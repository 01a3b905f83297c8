import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { ReportSignaller } from '../../../activities/execution/report-signaller';
import { SignalPace } from '../../../activities/execution/signal-pace';
import { createLogger } from '../../../observability/logger';
import { eventually } from '../../support/eventually';
import type { ExecutionReport } from '../../../domain/order/execution-report';

const BURST = 50;

// Goal: a venue that reports on one order without pause does not keep its run from ending, and nobody else waits.
// Method: the pace by a clock of the test, and the signaller with reports that come one by one.
describe('the pace of signals', () => {
  it('lets a burst pass, then one in a tenth of a second, and rests again', () => {
    const pace = new SignalPace();
    for (let signal = 0; signal < BURST; signal += 1) {
      assert.equal(pace.waitMs('busy', 1_000), 0);
      pace.note('busy', 1_000);
    }
    assert.equal(pace.waitMs('busy', 1_000), 100);
    assert.equal(pace.waitMs('busy', 1_060), 40);
    assert.equal(pace.waitMs('other', 1_000), 0);
    pace.note('busy', 1_100);
    assert.equal(pace.waitMs('busy', 1_100), 100);
    assert.equal(pace.waitMs('busy', 6_200), 0);
  });

  it('forgets who rested', () => {
    const pace = new SignalPace();
    for (let order = 0; order < 100; order += 1) pace.note(`order-${order}`, order * 10);
    pace.note('late', 10_000);
    assert.equal(pace.size(), 1);
  });

  it('puts what waits into few signals, in order, and delivers all of it', async () => {
    const sent: string[][] = [];
    const signaller = new ReportSignaller<ExecutionReport>({
      signal: async (_workflowId, reports) => {
        sent.push(reports.map(({ execId = '' }) => execId));
        return 'delivered';
      },
      reportOf: (report) => report,
      onOutcome: async () => undefined,
      logger: createLogger('test', 'none'),
    });
    const begunMs = Date.now();
    const ids = Array.from({ length: 400 }, (_, index) => `e${index}`);
    for (const execId of ids) {
      signaller.enqueue('busy', { execId } as ExecutionReport);
      await setTimeout(1);
    }
    await eventually(() => signaller.waitingCount() === 0);
    assert.deepEqual(sent.flat(), ids);
    const allowed = BURST + 2 + (Date.now() - begunMs) / 100;
    assert.ok(sent.length <= allowed, `${sent.length} signals, ${allowed} allowed`);
    await signaller.stop(0);
  });
});
