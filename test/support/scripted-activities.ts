import { decimal, ZERO } from '../../domain/money/decimal';
import { scriptedCorrections } from './scripted-corrections';
import type { CorrectionActivities, SetAsideInput } from '../../activities/corrections.port';
import type { KeepTriggerInput } from '../../activities/execution/trigger.port';
import type { ExecutionReport, ReportKind } from '../../domain/order/execution-report';
import type {
  ExecutionActivities,
  OrderStatusResult,
  SendResult,
  VenueOrder,
} from '../../activities/execution/execution.port';
import type {
  OrderEntryActivities,
  ValidateOrderResult,
} from '../../activities/order-entry/order-entry.port';
import type { OrderStepActivities } from '../../activities/order-steps.port';
import type { ListRecordActivities, RecordListInput } from '../../activities/reporting/list-record.port';
import type { RecordOrderInput, ReportingActivities } from '../../activities/reporting/reporting.port';
import type { ApplyExposureInput, ReserveResult, RiskActivities } from '../../activities/risk/risk.port';
import type { SettleFillsInput, SettlementActivities } from '../../activities/settlement/settlement.port';
import type { OrderTerms, Reason } from '../../domain/order/order-types';

export type ScriptedActivities = CorrectionActivities &
  OrderStepActivities &
  OrderEntryActivities &
  RiskActivities &
  ReportingActivities &
  ListRecordActivities &
  SettlementActivities &
  ExecutionActivities;

/** What the outside world answers in a scripted run; whatever is left out goes well. */
export interface Script {
  terms?: Partial<OrderTerms>;
  validate?: () => ValidateOrderResult;
  reserve?: (attempt: number) => ReserveResult;
  amendReasons?: Reason[];
  route?: (order: VenueOrder, attempt: number) => SendResult;
  cancel?: (clOrdId: string, orderId: string) => SendResult;
  replace?: (clOrdId: string, order: VenueOrder) => SendResult;
  status?: (order: VenueOrder, attempt: number) => OrderStatusResult;
  keepTrigger?: (input: KeepTriggerInput) => Promise<void>;
  /** Holds up what validation and risk say about an amendment or a release. */
  beforeDecision?: () => Promise<void>;
  /** Throws to play a MongoDB that is away. */
  beforeEffect?: (name: 'recordOrder' | 'applyExposure' | 'settleFills' | 'readOrder') => void;
}

/** What the scripted world saw, for assertions. */
export interface Witness {
  calls: string[];
  records: RecordOrderInput[];
  exposures: ApplyExposureInput[];
  settlements: SettleFillsInput[];
  setAside: SetAsideInput[];
  triggers: KeepTriggerInput[];
  lists: RecordListInput[];
}

let reportCount = 0;

/** An execution report of the scripted venue; ids are unique in the process. */
export function reportOf(
  kind: ReportKind,
  orderId: string,
  clOrdId: string,
  more: Partial<ExecutionReport> = {},
): ExecutionReport {
  reportCount += 1;
  const withoutExecId = kind === 'cancelRejected' || kind === 'replaceRejected';
  return {
    venue: 'XSIM',
    kind,
    orderId,
    clOrdId,
    transactTime: '2026-01-05T15:00:00.000Z',
    ...(!withoutExecId && { execId: `e${reportCount}` }),
    ...more,
  };
}

/** A fill report that settles `settleInMs` after the present. */
export function fillOf(
  orderId: string,
  clOrdId: string,
  lastQty: string,
  lastPx: string,
  settleInMs = 50,
): ExecutionReport {
  return reportOf('fill', orderId, clOrdId, {
    lastQty: decimal(lastQty),
    lastPx: decimal(lastPx),
    fee: decimal('0.1'),
    tradeDate: '2026-01-05',
    settlementDate: '2026-01-06',
    settleAt: new Date(Date.now() + settleInMs).toISOString(),
  });
}

/** The activities of a scripted world, and the witness of what the workflow asked of it. */
export function scriptedActivities(
  script: Script,
  venueTaskQueue: string,
): { activities: ScriptedActivities; witness: Witness } {
  const witness: Witness = {
    calls: [],
    records: [],
    exposures: [],
    settlements: [],
    setAside: [],
    triggers: [],
    lists: [],
  };
  const counts: Record<string, number> = {};
  const note = (name: string): number => {
    witness.calls.push(name);
    counts[name] = (counts[name] ?? 0) + 1;
    return counts[name];
  };
  const terms: OrderTerms = {
    venue: 'XSIM',
    venueTaskQueue,
    currency: 'USD',
    tickSize: decimal('0.01'),
    lotSize: decimal('1'),
    multiplier: decimal('1'),
    sessionCloseAt: new Date(Date.now() + 3_600_000).toISOString(),
    settlement: { mode: 'demo', delayMs: 50 },
    ...script.terms,
  };
  const activities: ScriptedActivities = {
    ...scriptedCorrections(script, witness, note),
    async admitOrder({ validate, reserve }) {
      const validation = await activities.validateOrder(validate);
      if (validation.outcome !== 'valid') return validation;
      const { venue, currency, multiplier } = validation.terms;
      const risk = await activities.reserveExposure({ ...reserve, venue, currency, multiplier });
      return { ...validation, risk };
    },
    async deliverEffects({ settle, exposure, record, trigger }) {
      if (settle !== undefined) await activities.settleFills(settle);
      if (exposure !== undefined) await activities.applyExposure(exposure);
      if (record !== undefined) await activities.recordOrder(record);
      if (trigger === undefined) return;
      await script.keepTrigger?.(trigger);
      witness.triggers.push(trigger);
    },
    async validateOrder() {
      note('validateOrder');
      return script.validate?.() ?? { outcome: 'valid', terms };
    },
    async validateAmendment() {
      note('validateAmendment');
      await script.beforeDecision?.();
      return { reasons: script.amendReasons ?? [] };
    },
    async reserveExposure() {
      const attempt = note('reserveExposure');
      await script.beforeDecision?.();
      return (
        script.reserve?.(attempt) ?? { outcome: 'reserved', limitVersion: 1, unitReserve: decimal('182.6') }
      );
    },
    async applyExposure(input) {
      note('applyExposure');
      script.beforeEffect?.('applyExposure');
      witness.exposures.push(input);
    },
    async recordOrder(input) {
      note('recordOrder');
      script.beforeEffect?.('recordOrder');
      witness.records.push(input);
    },
    async recordList(input) {
      note('recordList');
      witness.lists.push(input);
    },
    async settleFills(input) {
      note('settleFills');
      script.beforeEffect?.('settleFills');
      witness.settlements.push(input);
    },
    async routeOrder(order) {
      const attempt = note('routeOrder');
      return (
        script.route?.(order, attempt) ?? {
          outcome: 'sent',
          reports: [reportOf('accepted', order.orderId, order.clOrdId)],
        }
      );
    },
    async cancelAtVenue(cancel) {
      note('cancelAtVenue');
      return (
        script.cancel?.(cancel.clOrdId, cancel.orderId) ?? {
          outcome: 'sent',
          reports: [reportOf('cancelled', cancel.orderId, cancel.clOrdId)],
        }
      );
    },
    async replaceAtVenue(order) {
      note('replaceAtVenue');
      return (
        script.replace?.(order.clOrdId, order) ?? {
          outcome: 'sent',
          reports: [reportOf('replaced', order.orderId, order.clOrdId)],
        }
      );
    },
    async askOrderStatus(order) {
      const attempt = note('askOrderStatus');
      return script.status?.(order, attempt) ?? { outcome: 'known', reports: [], open: true };
    },
  };
  return { activities, witness };
}

export const NOTHING = ZERO;
