import { SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { CHAPTERS, orderIdIn, OTHER } from './activity-stories';
import type { StepObserver } from '../activities/order-steps';
import type { Logger } from '../observability/logger';

/**
 * Gives each capability's part of a joint step a span and a line of its own, as it had when it was an activity: who
 * follows an order sees what was done, and not how it was packed.
 */
export function createStepObserver(logger: Logger, tracer: Tracer): StepObserver {
  return async (name, input, work) =>
    await tracer.startActiveSpan(`Step:${name}`, async (span) => {
      const begunMs = performance.now();
      const about = () => ({
        orderId: orderIdIn(input),
        durationMs: Math.round(performance.now() - begunMs),
      });
      const { msg, level, story } = CHAPTERS[name] ?? OTHER;
      try {
        const result = await work();
        if (logger.isLevelEnabled(level)) logger.log(level, msg, { ...about(), ...story(input, result) });
        return result;
      } catch (fault) {
        span.setStatus({
          code: SpanStatusCode.ERROR,
          message: fault instanceof Error ? fault.message : String(fault),
        });
        logger.warn('Step failed', { ...about(), step: name, fault });
        throw fault;
      } finally {
        span.end();
      }
    });
}
