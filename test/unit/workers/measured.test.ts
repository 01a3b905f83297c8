import assert from 'node:assert/strict';
import type { MetricMeter, MetricTags } from '@temporalio/common';
import { describe, it } from 'mocha';
import type { SendResult, VenueOrder } from '../../../activities/execution/execution.port';
import type { RecordOrderInput } from '../../../activities/reporting/reporting.port';
import type { AdmissionResult, ReserveInput, ReserveResult } from '../../../activities/risk/risk.port';
import type { IdentityDoc } from '../../../storage/collections';
import { METRICS } from '../../../observability/metrics/catalog';
import type { VenueAdapter } from '../../../venues/venue-port';
import { measuredAdapter, measuredReporting, measuredRisk, watchSession } from '../../../workers/measured';

// Goal: measuring tells each call with its outcome and changes nothing about it.
// Method: a meter that writes down what it is given, around calls whose outcome is known.
interface Told {
  name: string;
  value: number;
  tags: MetricTags;
}

function writingMeter(): { meter: MetricMeter; told: Told[] } {
  const told: Told[] = [];
  const write =
    (name: string) =>
    (value: number, tags: MetricTags = {}) =>
      void told.push({ name, value, tags });
  const meter = {
    createHistogram: (name: string) => ({ record: write(name) }),
    createGauge: (name: string) => ({ set: write(name) }),
  } as unknown as MetricMeter;
  return { meter, told };
}

const RESERVED: ReserveResult = {
  outcome: 'reserved',
  limitVersion: 1,
  unitReserve: '1',
} as unknown as ReserveResult;

describe('measured activities', () => {
  it('time each risk check by its outcome, and pass a fault on', async () => {
    const { meter, told } = writingMeter();
    const answers: (() => Promise<ReserveResult>)[] = [
      async () => RESERVED,
      async () => ({ outcome: 'denied', reasons: [] }) as unknown as ReserveResult,
      async () => Promise.reject(new Error('MongoDB is away')),
    ];
    const reserveExposure = async (): Promise<ReserveResult> =>
      await (answers.shift() ?? (async () => RESERVED))();
    const activities = { reserveExposure, applyExposure: async () => undefined };
    const owner = { firstRunId: 'another-run' } as IdentityDoc;
    const admissions: AdmissionResult[] = [RESERVED, { outcome: 'taken', owner }];
    const admit = async (): Promise<AdmissionResult> => admissions.shift() ?? RESERVED;
    const entry = {
      expect: () => undefined,
      prepare: () => undefined,
      admit,
      giveBack: async () => undefined,
    };
    const risk = measuredRisk({ activities, entry, fileLeftovers: async () => undefined }, meter);
    const input = {} as ReserveInput;
    assert.equal(await risk.activities.reserveExposure(input), RESERVED);
    await risk.activities.reserveExposure(input);
    await assert.rejects(risk.activities.reserveExposure(input), /MongoDB is away/);
    assert.equal(await risk.entry.admit(input, {} as IdentityDoc), RESERVED);
    assert.equal((await risk.entry.admit(input, {} as IdentityDoc)).outcome, 'taken');
    assert.deepEqual(
      told.map(({ name, tags }) => [name, tags['outcome']]),
      // What belongs to another order was not checked, and is no check.
      ['reserved', 'denied', 'failed', 'reserved'].map((outcome) => [METRICS.riskCheck.name, outcome]),
    );
    assert.ok(told.every(({ value }) => value >= 0 && value < 1));
  });

  it('tell how far views were behind by the oldest event, and never less than nothing', async () => {
    const { meter, told } = writingMeter();
    const nowMs = Date.parse('2026-01-05T14:30:10.000Z');
    const recorded: RecordOrderInput[] = [];
    const inner = { recordOrder: async (input: RecordOrderInput) => void recorded.push(input) };
    const reporting = measuredReporting(inner, meter, () => nowMs);
    const record = (...at: string[]) =>
      ({ events: at.map((time) => ({ at: time })) }) as unknown as RecordOrderInput;
    await reporting.recordOrder(record('2026-01-05T14:30:07.500Z', '2026-01-05T14:30:09.000Z'));
    await reporting.recordOrder(record('2026-01-05T14:30:11.000Z'));
    assert.deepEqual(
      told.map(({ value }) => value),
      [2.5, 0],
    );
    assert.equal(recorded.length, 2);
  });

  it('time each message to a venue by its outcome, and show its session', async () => {
    const { meter, told } = writingMeter();
    let state: ReturnType<VenueAdapter['sessionState']> = 'connected';
    const sent: SendResult = { outcome: 'sent', reports: [] };
    const inner = {
      venue: 'XSIM',
      send: async () => sent,
      cancel: async () => ({ outcome: 'notSent', reason: 'refused' }) as SendResult,
      replace: async () => ({ outcome: 'unknown', reason: 'no answer' }) as SendResult,
      status: async () => ({ outcome: 'unreachable', reports: [], open: false }),
      sessionState: () => state,
    } as unknown as VenueAdapter;
    const adapter = measuredAdapter(inner, meter);
    const order = {} as VenueOrder;
    assert.equal(await adapter.send(order), sent);
    await adapter.cancel(order as never);
    await adapter.replace(order as never);
    await adapter.status(order);
    assert.deepEqual(
      told.map(({ tags }) => [tags['venue'], tags['message'], tags['outcome']]),
      [
        ['XSIM', 'order', 'answered'],
        ['XSIM', 'cancel', 'notSent'],
        ['XSIM', 'replace', 'unknown'],
        ['XSIM', 'status', 'unknown'],
      ],
    );
    told.length = 0;
    watchSession({ adapter, waitingCount: () => 3 }, meter).stop();
    state = 'down';
    watchSession({ adapter, waitingCount: () => 0 }, meter).stop();
    const up = told.filter(({ name }) => name === METRICS.venueSessionUp.name).map(({ value }) => value);
    assert.deepEqual(up, [1, 0]);
    assert.equal(told.find(({ name }) => name === METRICS.reportsWaiting.name)?.value, 3);
  });
});
