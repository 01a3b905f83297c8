import type { Context } from '@temporalio/activity';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  Next,
  WorkerOptions,
  WorkerPlugin,
} from '@temporalio/worker';
import { CHAPTERS, OTHER, orderIdIn } from './activity-stories';
import type { Logger } from '../observability/logger';

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
    return {
      orderId: orderIdIn(given),
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
