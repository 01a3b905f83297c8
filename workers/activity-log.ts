import type { Context } from '@temporalio/activity';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  Next,
  WorkerOptions,
  WorkerPlugin,
} from '@temporalio/worker';
import type { RecordOrderInput } from '../activities/reporting/reporting.port';
import type { SettleFillsInput } from '../activities/settlement/settlement.port';
import type { Logger } from '../observability/logger';

/** What a line says about a finished activity, beside who it is about. */
type Story = (input: unknown, result: unknown) => Record<string, unknown>;

interface Chapter {
  msg: string;
  level: 'info' | 'debug';
  story: Story;
}

/** How a step was decided, and by which codes when it was refused. */
const decision: Story = (_input, result) => {
  const { outcome, reasons = [] } = result as { outcome?: string; reasons?: { code: string }[] };
  const codes = reasons.map(({ code }) => code);
  return {
    outcome: outcome ?? (codes.length === 0 ? 'valid' : 'denied'),
    ...(codes.length > 0 && { code: codes[0], codes }),
  };
};

/** What became of a message to the venue. The reason of a doubt is in the words of the network. */
const message: Story = (input, result) => {
  const { clOrdId } = input as { clOrdId?: string };
  const {
    outcome,
    reports = [],
    reason,
  } = result as { outcome: string; reports?: unknown[]; reason?: string };
  return { clOrdId, outcome, count: reports.length, reason };
};

const recorded: Story = (input) => {
  const { events, view } = input as RecordOrderInput;
  return {
    clientOrderId: view.clientOrderId,
    state: view.state,
    sequence: view.sequence,
    events: events.map(({ seq, type }) => `${seq} ${type}`),
  };
};

const settled: Story = (input) => {
  const { fills, settlementDate } = input as SettleFillsInput;
  return { count: fills.length, settlementDate };
};

const CHAPTERS: Readonly<Record<string, Chapter>> = {
  validateOrder: { msg: 'Order validated', level: 'info', story: decision },
  validateAmendment: { msg: 'Amendment validated', level: 'info', story: decision },
  reserveExposure: { msg: 'Risk decided', level: 'info', story: decision },
  routeOrder: { msg: 'Order sent to the venue', level: 'info', story: message },
  cancelAtVenue: { msg: 'Cancel sent to the venue', level: 'info', story: message },
  replaceAtVenue: { msg: 'Replace sent to the venue', level: 'info', story: message },
  askOrderStatus: { msg: 'Venue asked for the status', level: 'info', story: message },
  recordOrder: { msg: 'Order recorded', level: 'info', story: recorded },
  settleFills: { msg: 'Fills settled', level: 'info', story: settled },
};
const OTHER: Chapter = { msg: 'Activity done', level: 'debug', story: () => ({}) };

/** One line for each activity, in the words of the order's story; all of it is about the order that the workflow is. */
class ActivityLog implements ActivityInboundCallsInterceptor {
  private readonly context: Context;
  private readonly logger: Logger;

  constructor(context: Context, logger: Logger) {
    this.context = context;
    this.logger = logger;
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const begunMs = performance.now();
    const [given] = input.args;
    const { msg, level, story } = CHAPTERS[this.context.info.activityType] ?? OTHER;
    try {
      const result = await next(input);
      if (this.logger.isLevelEnabled(level))
        this.logger.log(level, msg, { ...this.about(given, begunMs), ...story(given, result) });
      return result;
    } catch (fault) {
      const activity = this.context.info.activityType;
      this.logger.warn('Activity failed', { ...this.about(given, begunMs), activity, fault });
      throw fault;
    }
  }

  private about(given: unknown, begunMs: number): Record<string, unknown> {
    const { workflowExecution, attempt, activityType } = this.context.info;
    const { orderId, view } = (given ?? {}) as { orderId?: string; view?: { orderId: string } };
    return {
      orderId: orderId ?? view?.orderId,
      workflowId: workflowExecution?.workflowId,
      durationMs: Math.round(performance.now() - begunMs),
      ...(attempt > 1 && { attempt }),
      ...(CHAPTERS[activityType] === undefined && { activity: activityType }),
    };
  }
}

/** A plugin rather than an interceptor of its own: it comes after tracing, so that its lines carry the span. */
export function activityLogPlugin(logger: Logger): WorkerPlugin {
  return {
    name: 'steadfill-activity-log',
    configureWorker: (options: WorkerOptions): WorkerOptions => ({
      ...options,
      interceptors: {
        ...options.interceptors,
        activity: [
          ...(options.interceptors?.activity ?? []),
          (context) => ({ inbound: new ActivityLog(context, logger) }),
        ],
      },
    }),
  };
}
