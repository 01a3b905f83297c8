import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { after, before, describe, it } from 'mocha';
import {
  amendSignal,
  cancelSignal,
  orderEventsQuery,
  executionReportSignal,
  requestAmendUpdate,
  requestCancelUpdate,
} from '../../workflows/order-entry/order-messages';
import { eventually } from '../support/eventually';
import { openHarness, type TemporalHarness } from '../support/temporal-harness';
import { withOrder } from '../support/order-harness';
import { fillOf, reportOf } from '../support/scripted-activities';
import { decimal } from '../../domain/money/decimal';

// Goal: every path of an order through the real workflow, on a real Temporal server, in a scripted world.
describe('the order workflow', function () {
  this.timeout(60_000);
  let harness: TemporalHarness;
  before(async () => {
    harness = await openHarness();
  });
  after(async () => {
    await harness?.close();
  });

  it('takes a plain day order to settlement within its budget of history', async () => {
    const script = {
      route: (order: { orderId: string; clOrdId: string }) => ({
        outcome: 'sent' as const,
        reports: [
          reportOf('accepted', order.orderId, order.clOrdId),
          fillOf(order.orderId, order.clOrdId, '100', '182.4', 300),
        ],
      }),
    };
    await withOrder(harness, script, {}, async (order) => {
      assert.equal(order.submit?.outcome, 'accepted');
      assert.equal(order.submit?.order.state, 'validated');
      const view = await order.handle.result();
      assert.equal(view.state, 'settled');
      assert.equal(view.settledQty, '100');
      const { events = [] } = await order.handle.fetchHistory();
      const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes).length;
      assert.ok((events ?? []).length <= 34, `${events?.length} history events`);
      assert.ok(tasks <= 4, `${tasks} workflow tasks`);
      const recorded = order.witness.records.flatMap((record) => record.events.map((event) => event.seq));
      assert.deepEqual(
        recorded,
        recorded.map((_, index) => index + 1),
        'events recorded once, in order, without gaps',
      );
      assert.equal(order.witness.exposures.at(-1)?.contribution.reservedCash, '0');
      assert.equal(order.witness.settlements.length, 1);
    });
  });

  it('fills in parts by signals, in any order and more than once', async () => {
    await withOrder(harness, {}, {}, async (order) => {
      await order.reach('routed');
      const clOrdId = `${order.orderId}-1`;
      const first = fillOf(order.orderId, clOrdId, '30', '182');
      const second = fillOf(order.orderId, clOrdId, '70', '183');
      await order.handle.signal(executionReportSignal, [second, first, second]);
      await order.handle.signal(executionReportSignal, first);
      const view = await order.handle.result();
      assert.equal(view.cumQty, '100');
      assert.equal(view.avgPx, '182.7');
    });
  });

  it('denies by validation and by risk, sends nothing, and fails as such', async () => {
    const reasons = [{ code: 'UNKNOWN_SYMBOL', message: 'no such instrument' }];
    const cases = [
      { by: 'validation', script: { validate: () => ({ outcome: 'denied' as const, reasons }) } },
      { by: 'risk', script: { reserve: () => ({ outcome: 'denied' as const, limitVersion: 1, reasons }) } },
    ];
    for (const { by, script } of cases) {
      await withOrder(harness, script, {}, async (order) => {
        assert.equal(order.submit?.outcome, 'denied');
        assert.equal(order.submit?.order.rejectedBy, by);
        await assert.rejects(order.handle.result(), (fault: Error) => {
          assert.ok(fault.cause instanceof ApplicationFailure);
          assert.equal(fault.cause.type, 'UNKNOWN_SYMBOL');
          return true;
        });
        assert.ok(!order.witness.calls.includes('routeOrder'));
        assert.equal(order.witness.records.at(-1)?.view.state, 'rejected');
      });
    }
  });

  it('takes a rejection of the venue', async () => {
    const script = {
      route: (order: { orderId: string; clOrdId: string }) => ({
        outcome: 'sent' as const,
        reports: [
          reportOf('rejected', order.orderId, order.clOrdId, { text: 'unknown instrument', reason: '1' }),
        ],
      }),
    };
    await withOrder(harness, script, {}, async (order) => {
      await assert.rejects(order.handle.result());
      const view = await order.view();
      assert.equal(view.rejectedBy, 'venue');
      assert.equal(order.witness.exposures.at(-1)?.contribution.reservedCash, '0');
    });
  });

  it('cancels after a partial fill, by update, and settles what was filled', async () => {
    await withOrder(harness, {}, {}, async (order) => {
      await order.reach('routed');
      await order.handle.signal(
        executionReportSignal,
        fillOf(order.orderId, `${order.orderId}-1`, '40', '182'),
      );
      await order.reach('partiallyFilled');
      const answer = await order.handle.executeUpdate(requestCancelUpdate, {
        args: [{ requestId: 'c1', by: 'me' }],
      });
      assert.equal(answer.outcome, 'accepted');
      const view = await order.handle.result();
      assert.equal(view.state, 'cancelled');
      assert.equal(view.settledQty, '40');
      assert.equal(view.leavesQty, '0');
    });
  });

  it('cancels and amends by signal, as the Temporal UI and CLI do', async () => {
    await withOrder(harness, {}, {}, async (order) => {
      await order.reach('routed');
      await order.handle.signal(amendSignal, { requestId: 'a1', by: 'ops', quantity: '150' });
      await eventually(async () => (await order.view()).quantity === '150', { what: 'the amended quantity' });
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'ops' });
      assert.equal((await order.handle.result()).state, 'cancelled');
    });
  });

  it('refuses an amendment in JSON numbers, which were rounded before we saw them, and puts it on record', async () => {
    await withOrder(harness, {}, {}, async (order) => {
      await order.reach('routed');
      const rounded = { requestId: 'a1', by: 'ops', limitPrice: 182.1 };
      await order.handle.signal('amend', rounded);
      const denials = async () =>
        (await order.handle.query(orderEventsQuery)).filter(({ type }) => type === 'requestDenied');
      await eventually(async () => (await denials()).length === 1, { what: 'the refusal on record' });
      const [denial] = await denials();
      assert.ok(denial?.type === 'requestDenied');
      assert.deepEqual(
        denial.reasons.map(({ code, field }) => [code, field]),
        [['MALFORMED_REQUEST', 'limitPrice']],
      );
      const update = order.handle.executeUpdate('requestAmend', { args: [{ ...rounded, requestId: 'a2' }] });
      await assert.rejects(update, (fault: Error) => {
        assert.ok(fault.cause instanceof ApplicationFailure);
        assert.equal(fault.cause.type, 'MALFORMED_REQUEST');
        return true;
      });
      assert.equal((await order.view()).limitPrice, '182.5');
    });
  });

  it('refuses a cancel of an order that ended, with its state', async () => {
    await withOrder(harness, {}, {}, async (order) => {
      await order.reach('routed');
      const fill = fillOf(order.orderId, `${order.orderId}-1`, '100', '182', 20_000);
      await order.handle.signal(executionReportSignal, fill);
      await order.reach('filled');
      const late = order.handle.executeUpdate(requestCancelUpdate, { args: [{ requestId: 'c1', by: 'me' }] });
      await assert.rejects(late, (fault: Error) => {
        assert.ok(fault instanceof WorkflowUpdateFailedError);
        assert.ok(fault.cause instanceof ApplicationFailure);
        assert.equal(fault.cause.type, 'ORDER_CLOSED');
        return true;
      });
    });
  });

  it('denies an amendment that risk refuses, and the order stands as before', async () => {
    const reasons = [{ code: 'INSUFFICIENT_BUYING_POWER', message: 'not enough' }];
    const reserve = (attempt: number) =>
      attempt === 1
        ? { outcome: 'reserved' as const, limitVersion: 1, unitReserve: decimal('182.6') }
        : { outcome: 'denied' as const, limitVersion: 1, reasons };
    await withOrder(harness, { reserve }, {}, async (order) => {
      await order.reach('routed');
      const answer = await order.handle.executeUpdate(requestAmendUpdate, {
        args: [{ requestId: 'a1', by: 'me', quantity: '999' }],
      });
      assert.equal(answer.outcome, 'denied');
      assert.equal(answer.order.quantity, '100');
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'me' });
      assert.equal((await order.handle.result()).state, 'cancelled');
    });
  });

  it('lives through a MongoDB that is away, and tells it everything afterwards', async () => {
    let away = true;
    const beforeEffect = () => {
      if (away) throw new Error('MongoDB is away');
    };
    await withOrder(harness, { beforeEffect }, {}, async (order) => {
      await order.reach('routed');
      const answer = await order.handle.executeUpdate(requestCancelUpdate, {
        args: [{ requestId: 'c1', by: 'me' }],
      });
      assert.equal(answer.outcome, 'accepted');
      await order.reach('cancelled');
      away = false;
      await order.handle.result();
      const recorded = order.witness.records.flatMap((record) => record.events.map((event) => event.seq));
      assert.deepEqual(
        recorded,
        recorded.map((_, index) => index + 1),
      );
      assert.equal(order.witness.exposures.at(-1)?.contribution.reservedCash, '0');
    });
  });

  it('tries an unsent order again, and ends it here when it is cancelled meanwhile', async () => {
    const script = { route: () => ({ outcome: 'notSent' as const, reason: 'connection refused' }) };
    await withOrder(harness, script, {}, async (order) => {
      await eventually(() => order.witness.calls.filter((name) => name === 'routeOrder').length >= 2);
      await eventually(async () => {
        await order.handle
          .executeUpdate(requestCancelUpdate, { args: [{ requestId: `c${Date.now()}`, by: 'me' }] })
          .catch(() => undefined);
        return (await order.view()).state === 'cancelled';
      });
      assert.ok(!order.witness.calls.includes('cancelAtVenue'));
    });
  });

  it('parks a doubtful send as unknown and asks until there is proof', async () => {
    const script = {
      route: () => ({ outcome: 'unknown' as const, reason: 'no answer' }),
      status: (order: { orderId: string; clOrdId: string }, attempt: number) =>
        attempt === 1
          ? { outcome: 'unreachable' as const, reports: [], open: false }
          : {
              outcome: 'known' as const,
              open: true,
              reports: [reportOf('accepted', order.orderId, order.clOrdId)],
            },
    };
    await withOrder(harness, script, {}, async (order) => {
      await order.reach('unknown');
      await order.reach('routed');
      assert.equal(order.witness.calls.filter((name) => name === 'routeOrder').length, 1, 'never sent twice');
      await order.handle.signal(cancelSignal, { requestId: 'c1', by: 'me' });
      await order.handle.result();
    });
  });

  it('carries state and dedupe keys through continue-as-new', async () => {
    await withOrder(harness, {}, { historyEventsMax: 40 }, async (order) => {
      await order.reach('routed');
      const firstRun = await order.runId();
      const clOrdId = `${order.orderId}-1`;
      const fills = Array.from({ length: 25 }, () => fillOf(order.orderId, clOrdId, '2', '182'));
      for (const fill of fills) await order.handle.signal(executionReportSignal, fill);
      await eventually(async () => (await order.view()).cumQty === '50', { what: 'half the fills' });
      await order.untilNewRun(firstRun);
      for (const fill of fills) await order.handle.signal(executionReportSignal, fill);
      const rest = Array.from({ length: 25 }, () => fillOf(order.orderId, clOrdId, '2', '182'));
      for (const fill of rest) await order.handle.signal(executionReportSignal, fill);
      const view = await order.handle.result();
      assert.equal(view.cumQty, '100');
      assert.equal(view.overfillQty, '0');
      // A local activity may run again when its task is retried; what counts is that nothing is missing or out of order.
      const recorded = new Set(
        order.witness.records.flatMap((record) => record.events.map((event) => event.seq)),
      );
      assert.deepEqual(
        [...recorded],
        [...recorded].map((_, index) => index + 1),
      );
    });
  });
});
