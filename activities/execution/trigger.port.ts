import type { TriggerTerms } from '../../domain/order/hold';

/** What the watch of the market is to do for an order. Absolute: the one with the highest sequence stands. */
export interface KeepTriggerInput {
  orderId: string;
  workflowId: string;
  /** Sequence of the order's last event; what comes with a lower one changes nothing. */
  sequence: number;
  /** Null once there is nothing to watch for any more. */
  terms: TriggerTerms | null;
}

export interface TriggerActivities {
  /** Durable once it resolves. Idempotent by the order's sequence. Throws retryably while MongoDB is away. */
  keepTrigger(input: KeepTriggerInput): Promise<void>;
}
