import type { Context } from '@temporalio/activity';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  Next,
  WorkerOptions,
  WorkerPlugin,
} from '@temporalio/worker';
import type { RecordCorrectionInput, RecordCorrectionResult } from '../activities/corrections.port';
import type { KeepTriggerInput } from '../activities/execution/trigger.port';
import type { DeliverEffectsInput } from '../activities/order-steps.port';
import type { RecordOrderInput } from '../activities/reporting/reporting.port';
import type { SettleFillsInput } from '../activities/settlement/settlement.port';
import type { Afterwards } from '../observability/afterwards';
import type { Logger } from '../observability/logger';

/** One line about a finished activity, beside who it is about. */
interface Line {
  msg: string;
  fields: Record<string, unknown>;
  level?: 'warn';
}
type Story = (input: unknown, result: unknown) => Line[];

interface Decided {
  outcome?: string;
  reasons?: { code: string }[];
}

/** How a step was decided, and by which codes when it was refused. */
function decision(msg: string, { outcome, reasons = [] }: Decided): Line {
  const codes = reasons.map(({ code }) => code);
  return {
    msg,
    fields: {
      outcome: outcome ?? (codes.length === 0 ? 'valid' : 'denied'),
      ...(codes.length > 0 && { code: codes[0], codes }),
    },
  };
}

const decided =
  (msg: string): Story =>
  (_input, result) => [decision(msg, result as Decided)];

const admitted: Story = (_input, result) => {
  const { risk, ...validation } = result as Decided & { risk?: Decided };
  const validated = decision(VALIDATED, validation);
  return risk === undefined ? [validated] : [validated, decision(RISK_DECIDED, risk)];
};

/** What became of a message to the venue. The reason of a doubt is in the words of the network. */
const message =
  (msg: string): Story =>
  (input, result) => {
    const { clOrdId } = input as { clOrdId?: string };
    const {
      outcome,
      reports = [],
      reason,
    } = result as { outcome: string; reports?: unknown[]; reason?: string };
    return [{ msg, fields: { clOrdId, outcome, count: reports.length, reason } }];
  };

const recorded = ({ events, view }: RecordOrderInput): Line => ({
  msg: 'Order recorded',
  fields: {
    clientOrderId: view.clientOrderId,
    state: view.state,
    sequence: view.sequence,
    events: events.map(({ seq, type }) => `${seq} ${type}`),
  },
});

/** Operations look for these: each is a report of a venue that broke a rule. */
const anomaliesOf = ({ events, view }: RecordOrderInput): Line[] =>
  events.flatMap((event) => {
    if (event.type !== 'anomalyRaised') return [];
    const { code, message: reason, seq: sequence } = event;
    const { clientOrderId, state } = view;
    return [
      { msg: 'Order anomaly', level: 'warn', fields: { clientOrderId, state, sequence, code, reason } },
    ];
  });

const settled = ({ fills, settlementDate }: SettleFillsInput): Line => ({
  msg: 'Fills settled',
  fields: { count: fills.length, settlementDate },
});

const corrected: Story = (input, result) => {
  const { record, settle } = input as RecordCorrectionInput;
  const { outcome } = result as RecordCorrectionResult;
  if (outcome === 'stale')
    return [{ msg: 'Correction met another', fields: { sequence: record.view.sequence } }];
  return [...(settle === undefined ? [] : [settled(settle)]), recorded(record)];
};

const armed = ({ terms }: KeepTriggerInput): Line => ({
  msg: 'Trigger told to the watch of the market',
  fields: { outcome: terms === null ? 'over' : 'armed', ...(terms !== null && { detail: terms }) },
});

const delivered: Story = (input) => {
  const { settle, record, trigger } = input as DeliverEffectsInput;
  return [
    ...(settle === undefined ? [] : [settled(settle)]),
    ...(record === undefined ? [] : [recorded(record), ...anomaliesOf(record)]),
    ...(trigger === undefined ? [] : [armed(trigger)]),
  ];
};

const VALIDATED = 'Order validated';
const RISK_DECIDED = 'Risk decided';
const STORIES: Readonly<Record<string, Story>> = {
  admitOrder: admitted,
  validateOrder: decided(VALIDATED),
  validateAmendment: decided('Amendment validated'),
  reserveExposure: decided(RISK_DECIDED),
  routeOrder: message('Order sent to the venue'),
  cancelAtVenue: message('Cancel sent to the venue'),
  replaceAtVenue: message('Replace sent to the venue'),
  askOrderStatus: message('Venue asked for the status'),
  deliverEffects: delivered,
  recordCorrection: corrected,
  recordOrder: (input) => [recorded(input as RecordOrderInput), ...anomaliesOf(input as RecordOrderInput)],
  settleFills: (input) => [settled(input as SettleFillsInput)],
};

/** Lines for each activity, in the words of the order's story; all of it is about the order that the workflow is. */
class ActivityLog implements ActivityInboundCallsInterceptor {
  private readonly context: Context;
  private readonly logger: Logger;
  private readonly afterwards: Afterwards;

  constructor(context: Context, logger: Logger, afterwards: Afterwards) {
    this.context = context;
    this.logger = logger;
    this.afterwards = afterwards;
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const begunMs = performance.now();
    const [given] = input.args;
    const activity = this.context.info.activityType;
    try {
      const result = await next(input);
      const about = { ...this.about(given, begunMs), time: new Date().toISOString() };
      // The order waits for the result, and nobody for the lines about it.
      this.afterwards.do(() => this.tell(STORIES[activity]?.(given, result) ?? [], about));
      return result;
    } catch (fault) {
      this.logger.warn('Activity failed', { ...this.about(given, begunMs), activity, fault });
      throw fault;
    }
  }

  private tell(lines: readonly Line[], about: Record<string, unknown>): void {
    for (const { msg, fields, level = 'info' } of lines)
      if (this.logger.isLevelEnabled(level)) this.logger[level](msg, { ...about, ...fields });
  }

  private about(given: unknown, begunMs: number): Record<string, unknown> {
    const { workflowExecution, attempt } = this.context.info;
    return {
      orderId: orderIdOf(given),
      workflowId: workflowExecution?.workflowId,
      durationMs: Math.round(performance.now() - begunMs),
      ...(attempt > 1 && { attempt }),
    };
  }
}

/** Inputs name the order at the top or in one of their parts. */
function orderIdOf(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { orderId } = given as { orderId?: unknown };
  if (typeof orderId === 'string') return orderId;
  for (const part of Object.values(given)) {
    const found = Array.isArray(part) ? undefined : orderIdOf(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A plugin rather than an interceptor of its own: it comes after tracing, so that its lines carry the span. */
export function activityLogPlugin(logger: Logger, afterwards: Afterwards): WorkerPlugin {
  return {
    name: 'steadfill-activity-log',
    configureWorker: (options: WorkerOptions): WorkerOptions => ({
      ...options,
      interceptors: {
        ...options.interceptors,
        activity: [
          ...(options.interceptors?.activity ?? []),
          (context) => ({ inbound: new ActivityLog(context, logger, afterwards) }),
        ],
      },
    }),
  };
}
