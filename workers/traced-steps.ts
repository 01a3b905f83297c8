import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { OrderStepDependencies } from '../activities/order-steps';

/** Runs `work` as a span of its own inside the activity that calls it. */
async function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  const span = trace.getTracer('steadfill-steps').startSpan(`Step:${name}`);
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (fault) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(fault) });
    throw fault;
  } finally {
    span.end();
  }
}

/** The parts of joint steps, each as a span: a trace shows what validation, risk, settlement and views took by themselves. */
export function tracedSteps(parts: OrderStepDependencies): OrderStepDependencies {
  const { desk, risk, reporting, settlement, triggers } = parts;
  return {
    desk: {
      ...desk,
      check: (input) => inSpan('validateOrder', () => desk.check(input)),
      register: (input) => inSpan('registerIdentity', () => desk.register(input)),
    },
    risk: {
      activities: {
        ...risk.activities,
        applyExposure: (input) => inSpan('applyExposure', () => risk.activities.applyExposure(input)),
      },
      entry: {
        ...risk.entry,
        giveBack: (orderId) => inSpan('giveBackExposure', () => risk.entry.giveBack(orderId)),
        admit: (input, identity) => inSpan('reserveExposure', () => risk.entry.admit(input, identity)),
      },
    },
    reporting: {
      recordOrder: (input, settled) => {
        const record = (): Promise<void> =>
          inSpan('recordOrder', () => reporting.recordOrder(input, settled));
        // What is booked with a record is settled when the record is written.
        return settled === undefined ? record() : inSpan('settleFills', record);
      },
    },
    settlement: { settleFills: (input) => inSpan('settleFills', () => settlement.settleFills(input)) },
    triggers: { keepTrigger: (input) => inSpan('keepTrigger', () => triggers.keepTrigger(input)) },
  };
}
