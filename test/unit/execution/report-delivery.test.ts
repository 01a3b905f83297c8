import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ExecutionGateway } from '../../../activities/execution/gateway';
import { decimal } from '../../../domain/money/decimal';
import { createLogger } from '../../../observability/logger';
import { eventually } from '../../support/eventually';
import type { SendResult } from '../../../activities/execution/execution.port';
import type { SignalOutcome } from '../../../activities/execution/report-signaller';
import type { ExecutionReport } from '../../../domain/order/execution-report';
import type { ReceivedReport, VenueAdapter } from '../../../venues/venue-port';

// Goal: every report reaches its workflow, by the result of its send or by a signal, in order, whatever fails.
// Method: the gateway on real files, with a session and a Temporal that the test plays.
describe('report delivery', () => {
  let folder = '';
  let gateway: ExecutionGateway;
  let giveReports: (received: ReceivedReport[]) => Promise<void>;
  let signals: { workflowId: string; execIds: string[] }[] = [];
  let signal: (workflowId: string, reports: ExecutionReport[]) => Promise<SignalOutcome>;

  const report = (execId: string, orderId = 'o1', more: Partial<ExecutionReport> = {}): ReceivedReport => ({
    report: {
      venue: 'XSIM',
      kind: 'fill',
      execId,
      clOrdId: `${orderId}-1`,
      orderId,
      lastQty: decimal('1'),
      lastPx: decimal('10'),
      transactTime: '2026-01-05T15:00:00.000Z',
      ...more,
    },
    address: { orderId, workflowId: `order:ACC:${orderId}` },
  });
  const sent = (...received: ReceivedReport[]): SendResult => ({
    outcome: 'sent',
    reports: received.map((one) => one.report),
  });

  const open = async (): Promise<void> => {
    const adapter = {
      venue: 'XSIM',
      start: async (onReports: typeof giveReports) => void (giveReports = onReports),
      stop: async () => undefined,
      status: async () => ({ outcome: 'unreachable', reports: [], open: false }),
    } as unknown as VenueAdapter;
    gateway = new ExecutionGateway({
      adapter,
      signal: (workflowId, reports) => signal(workflowId, reports),
      journalDir: folder,
      logger: createLogger('test', 'none'),
      onFatal: (fault) => assert.fail(String(fault)),
    });
    await gateway.start();
  };
  const delivered = (): string[] => signals.flatMap(({ execIds }) => execIds);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steadfill-gateway-'));
    signals = [];
    signal = async (workflowId, reports) => {
      signals.push({ workflowId, execIds: reports.map(({ execId = '' }) => execId) });
      return 'delivered';
    };
    await open();
  });
  afterEach(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true });
  });

  it('signals reports, several of one order in one signal, in their order', async () => {
    await giveReports([report('e1'), report('e2', 'o2'), report('e3')]);
    await giveReports([report('e4')]);
    await eventually(() => delivered().length === 4);
    const ofFirst = signals.filter(({ workflowId }) => workflowId === 'order:ACC:o1');
    assert.deepEqual(
      ofFirst.flatMap(({ execIds }) => execIds),
      ['e1', 'e3', 'e4'],
    );
  });

  it('does not signal what the result of the send carries, whichever comes first', async () => {
    const before = report('e1');
    const after = report('e2');
    const later = report('e3');
    await gateway.send({ clOrdId: 'o1-1', orderId: 'o1' }, async () => {
      await giveReports([before]);
      return sent(before, after);
    });
    await giveReports([after]);
    await giveReports([later]);
    await eventually(() => delivered().length === 1);
    assert.deepEqual(delivered(), ['e3']);
  });

  it('signals what came during a send that its result does not carry', async () => {
    await gateway.send({ clOrdId: 'o1-1', orderId: 'o1' }, async () => {
      await giveReports([report('e1'), report('e2')]);
      return sent(report('e1'));
    });
    await eventually(() => delivered().length === 1);
    assert.deepEqual(delivered(), ['e2']);
  });

  it('answers a send in doubt with what the venue reported on it', async () => {
    await giveReports([report('e1')]);
    const result = await gateway.send({ clOrdId: 'o1-1', orderId: 'o1' }, async () => ({
      outcome: 'unknown',
      reason: 'no answer',
    }));
    assert.deepEqual(result, sent(report('e1')));
    const other = await gateway.send({ clOrdId: 'o1-2', orderId: 'o1' }, async () => ({
      outcome: 'notSent',
      reason: 'refused',
    }));
    assert.equal(other.outcome, 'notSent');
  });

  it('keeps taking reports while Temporal is away, and delivers them in order when it is back', async () => {
    const working = signal;
    signal = () => Promise.reject(new Error('Temporal is away'));
    for (const execId of ['e1', 'e2', 'e3']) await giveReports([report(execId)]);
    assert.equal(gateway.waitingCount(), 3);
    signal = working;
    await eventually(() => delivered().length === 3);
    assert.deepEqual(delivered(), ['e1', 'e2', 'e3']);
  });

  it('signals after a restart what was stored and not signalled, and nothing twice', async () => {
    await giveReports([report('e1')]);
    await eventually(() => delivered().length === 1);
    const working = signal;
    signal = () => new Promise(() => undefined);
    await giveReports([report('e2')]);
    // The first process is gone without a word; the files are all that is left of it.
    signal = working;
    await open();
    await eventually(() => delivered().length === 2);
    await giveReports([report('e1'), report('e2'), report('e3')]);
    await eventually(() => delivered().length === 3);
    assert.deepEqual(delivered(), ['e1', 'e2', 'e3']);
  });

  it('sets aside what no workflow takes, in a file, and goes on', async () => {
    signal = async (workflowId) => (workflowId.endsWith('gone') ? 'noWorkflow' : 'delivered');
    const { report: foreign } = report('e9', 'nobody');
    await giveReports([report('e1', 'gone'), { report: foreign }]);
    const path = join(folder, 'unmatched-reports.journal');
    const lines = await eventually(async () => {
      const found = (await readFile(path, 'utf8')).trim().split('\n');
      return found.length === 2 ? found : undefined;
    });
    const reasons = lines.map((line) => JSON.parse(line) as { _id: string; reason: string });
    assert.deepEqual(reasons.map(({ _id, reason }) => `${_id} ${reason}`).sort(), [
      'XSIM:e1 noWorkflow',
      'XSIM:e9 noAddress',
    ]);
    await eventually(() => gateway.waitingCount() === 0);
  });
});
