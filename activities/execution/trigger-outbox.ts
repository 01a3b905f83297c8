import type { TriggerSighting } from '../../domain/order/hold';
import type { Logger } from '../../observability/logger';

const SIGNALS_AT_ONCE_MAX = 16;
const RETRY_MS = { first: 200, max: 5_000 } as const;

/** `noWorkflow`: it has closed or never was, so that it never will take the signal. Throws while Temporal is away. */
export type SignalTrigger = (
  workflowId: string,
  message: { version: number; sighting: TriggerSighting },
) => Promise<'delivered' | 'noWorkflow'>;

export interface Sighted {
  orderId: string;
  workflowId: string;
  version: number;
  sighting: TriggerSighting;
}

/** Brings sightings to their workflows, for as long as Temporal is away, and says when Temporal has them. */
export class TriggerOutbox {
  private readonly signal: SignalTrigger;
  private readonly onTaken: (sighted: Sighted) => void;
  private readonly logger: Logger;
  private readonly ready: { sighted: Sighted; failures: number }[] = [];
  private readonly retries = new Set<NodeJS.Timeout>();
  private running = 0;
  private stopped = false;

  constructor(signal: SignalTrigger, onTaken: (sighted: Sighted) => void, logger: Logger) {
    this.signal = signal;
    this.onTaken = onTaken;
    this.logger = logger;
  }

  put(sighted: Sighted): void {
    this.ready.push({ sighted, failures: 0 });
    this.pump();
  }

  /** What is not delivered is seen again after a restart. */
  stop(): void {
    this.stopped = true;
    for (const timer of this.retries) clearTimeout(timer);
  }

  private pump(): void {
    while (this.running < SIGNALS_AT_ONCE_MAX && !this.stopped) {
      const next = this.ready.shift();
      if (next === undefined) return;
      this.running += 1;
      void this.deliver(next).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }

  private async deliver(item: { sighted: Sighted; failures: number }): Promise<void> {
    const { orderId, workflowId, version, sighting } = item.sighted;
    try {
      const outcome = await this.signal(workflowId, { version, sighting });
      this.logger.info('Trigger signalled', { orderId, workflowId, outcome, version, ...sighting });
      this.onTaken(item.sighted);
    } catch (fault) {
      item.failures += 1;
      if (item.failures === 1)
        this.logger.warn('A trigger waits for its workflow', { orderId, workflowId, fault });
      const delayMs = Math.min(RETRY_MS.max, RETRY_MS.first * 2 ** Math.min(item.failures - 1, 10));
      const timer = setTimeout(() => {
        this.retries.delete(timer);
        this.ready.push(item);
        this.pump();
      }, delayMs);
      this.retries.add(timer);
    }
  }
}
