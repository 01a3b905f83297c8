import type { Socket } from 'node:net';
import type { Registry } from 'prom-client';
import type { MetricsPart, ToPrimary, ToWorker } from './messages';
import type { SharedHits } from './shared-hits';

/** Counts of requests go to the other workers this often. */
const SHARE_HITS_MS = 50;
const METRICS_MS_MAX = 2_000;

export interface LinkHandlers {
  connection(socket: Socket): void;
  handOver(): void;
  stop(why: string): void;
  probe(): Promise<{ ready: boolean; detail: string }>;
}

export interface LinkOptions {
  registry: Registry;
  hits: SharedHits;
  handlers: LinkHandlers;
}

/** A worker's side of the channel to its primary. */
export class PrimaryLink {
  private readonly options: LinkOptions;
  private readonly waiting = new Map<number, (parts: MetricsPart[]) => void>();
  private nextId = 1;
  /** False until the primary says so: one of an older build never does, and its workers share as ever. */
  private alone = false;

  constructor(options: LinkOptions) {
    this.options = options;
    process.on('message', (message: ToWorker, socket?: Socket) => this.onMessage(message, socket));
    // Without its primary a worker gets no connection any more, and nobody would stop it.
    const onGone = (): void => options.handlers.stop('the primary is gone');
    process.once('disconnect', onGone);
    // It may have gone while this worker was still being built.
    if (!process.connected) onGone();
    const sharing = setInterval(() => {
      if (this.alone) return;
      const hits = options.hits.changes();
      if (hits !== undefined) this.send({ kind: 'hits', hits });
    }, SHARE_HITS_MS);
    sharing.unref();
  }

  send(message: ToPrimary): void {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  }

  /** What all workers count, this one included. When the primary does not answer, what this one counts. */
  async metrics(): Promise<MetricsPart[]> {
    const id = this.nextId;
    this.nextId += 1;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<MetricsPart[] | undefined>((resolve) => {
      this.waiting.set(id, resolve);
      timer = setTimeout(() => resolve(undefined), METRICS_MS_MAX);
    });
    this.send({ kind: 'wantMetrics', id });
    const parts = await answer;
    clearTimeout(timer);
    this.waiting.delete(id);
    return parts ?? [await this.options.registry.getMetricsAsJSON()];
  }

  /** Leaves the counts of this worker with the primary, before it ends. */
  async leaveMetrics(): Promise<void> {
    this.send({ kind: 'ownMetrics', id: 0, part: await this.options.registry.getMetricsAsJSON() });
  }

  private onMessage(message: ToWorker, socket: Socket | undefined): void {
    const { handlers, hits, registry } = this.options;
    switch (message.kind) {
      case 'connection':
        // A client that went away on the way here leaves no socket.
        if (socket !== undefined) handlers.connection(socket);
        return this.send({ kind: 'took', number: message.number });
      case 'handOver':
        return handlers.handOver();
      case 'stop':
        return handlers.stop('asked by the primary');
      case 'probe':
        void handlers.probe().then(({ ready, detail }) => this.send({ kind: 'probed', ready, detail }));
        return;
      case 'collectMetrics':
        void registry
          .getMetricsAsJSON()
          .then((part) => this.send({ kind: 'ownMetrics', id: message.id, part }));
        return;
      case 'metrics':
        this.waiting.get(message.id)?.(message.parts);
        return;
      case 'alone':
        this.alone = message.alone;
        return;
      case 'hits':
        hits.take(message.from, message.hits);
    }
  }
}
