import type { Logger } from '../../observability/logger';
import type { Lifecycle } from '../lifecycle';
import type { Connections } from './connections';

/** Longer than the longest answer; what is not done by then is cut off. */
const DRAIN_MS_MAX = 12_000;
const IDLE_SWEEP_MS = 50;

export interface DepartureOptions {
  lifecycle: Lifecycle;
  connections: Connections;
  logger: Logger;
}

/**
 * The two ways in which a worker ends. Handing over: others take the new connections, so what comes on the old ones is
 * still served, each answer closes its connection, and idle ones stay for as long as clients were told that they may
 * use them. Stopping: nobody takes over, so what is in flight finishes, the rest is refused, and idle ones close.
 */
export class Departure {
  /** Settles when this worker holds nothing any more. */
  readonly over: Promise<void>;
  private readonly options: DepartureOptions;
  private finish: () => void = () => undefined;
  private leaving = false;
  private stopping = false;

  constructor(options: DepartureOptions) {
    this.options = options;
    this.over = new Promise((resolve) => (this.finish = resolve));
  }

  handOver(answered: (openConnections: number) => void): void {
    const { lifecycle, connections, logger } = this.options;
    if (this.leaving || this.stopping) return;
    this.leaving = true;
    logger.info('handing over', { openConnections: connections.openCount() });
    connections.letGo();
    lifecycle.leave();
    void connections.whenAnswered().then(() => answered(connections.openCount()));
    void connections.whenClosed().then(this.finish);
  }

  stop(why: string): void {
    const { lifecycle, connections, logger } = this.options;
    if (this.stopping) return;
    this.stopping = true;
    logger.info('draining', { why });
    connections.letGo();
    lifecycle.drain();
    const limit = setTimeout(() => {
      logger.warn('requests were cut off at the end of the drain');
      connections.closeAll();
    }, DRAIN_MS_MAX);
    // A connection that is busy now becomes idle later, and a client may keep it open for longer than we want to wait.
    const sweep = setInterval(() => connections.closeIdle(), IDLE_SWEEP_MS);
    connections.closeIdle();
    void connections.whenClosed().then(() => {
      clearTimeout(limit);
      clearInterval(sweep);
      this.finish();
    });
  }
}
