import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Logger } from '../../observability/logger';
import { RollFiles, type CodeRef, type RollPhase, type RollState, type WantedRoll } from './roll-files';
import { RollFailedError, WorkerPool } from './worker-pool';

/** A cold machine compiles the sources and fills its caches; a worker that is not up by then will not come up. */
const BUILT_MS_MAX = 120_000;
const READY_MS_MAX = 60_000;
/** Longer than the longest answer. */
const ANSWER_MS_MAX = 15_000;
const STOP_MS_MAX = 14_500;
const WATCH_MS = 200;
const BACKLOG_CONNECTIONS = 1_024;

export interface PrimaryOptions {
  host: string;
  port: number;
  workersCount: number;
  home: string;
  /** The code that this process itself was started from. */
  code: CodeRef;
  logger: Logger;
}

/**
 * Owns the port of the API and serves nothing itself: each connection goes, unread, to one of its workers. Workers can
 * thus be replaced, one generation by the next, while the port stays open and no connection is refused.
 */
export class ApiPrimary {
  private readonly options: PrimaryOptions;
  private readonly files: RollFiles;
  private readonly server: Server;
  private pool: WorkerPool | undefined;
  private phase: RollPhase = 'starting';
  private last: Pick<RollState, 'rollId' | 'outcome' | 'reason'> = {};
  private rolling: Promise<void> | undefined;
  private watch: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(options: PrimaryOptions) {
    this.options = options;
    this.files = new RollFiles(options.home, 'api');
    // Nothing is read here, so that the worker finds the request whole.
    const server = createServer({ pauseOnConnect: true, noDelay: true });
    server.on('connection', (socket: Socket) => this.pool?.connect(socket));
    this.server = server;
  }

  /** Starts the workers and listens; resolves with the port. Throws when a worker does not come up. */
  async start(): Promise<number> {
    const { host, port, workersCount, logger } = this.options;
    const pool = new WorkerPool({
      workersCount,
      code: await this.codeToStart(),
      logger,
      onChange: () => this.note(),
    });
    this.pool = pool;
    await pool.start(BUILT_MS_MAX);
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ port, host, backlog: BACKLOG_CONNECTIONS }, resolve);
    });
    this.setPhase('serving');
    this.watch = setInterval(() => {
      this.look().catch((fault: unknown) => logger.error('the wanted roll could not be read', { fault }));
    }, WATCH_MS);
    return (this.server.address() as AddressInfo).port;
  }

  /** Asks for a new generation of workers from the code that serves now. */
  async restartWorkers(): Promise<void> {
    await this.files.want({ rollId: `restart-${randomUUID()}`, askedAt: new Date().toISOString() });
  }

  /** Takes no new connection and drains the workers. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.watch);
    this.server.close();
    await this.pool?.stop(STOP_MS_MAX);
    await this.writing;
  }

  /**
   * A primary that starts again after kill -9 under the same parent goes on with the code and the roll that it was
   * about; one that starts with its system begins with its own code, and leaves an old roll undone.
   */
  private async codeToStart(): Promise<CodeRef> {
    const [before, wanted] = await Promise.all([this.files.state(), this.files.wanted()]);
    if (before === undefined) return this.options.code;
    if (before.parentPid !== process.ppid && wanted !== undefined && wanted.rollId !== before.rollId) {
      this.last = { rollId: wanted.rollId, outcome: 'failed', reason: 'the system was stopped meanwhile' };
      return this.options.code;
    }
    const { rollId, outcome, reason } = before;
    this.last = {
      ...(rollId === undefined ? {} : { rollId }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(reason === undefined ? {} : { reason }),
    };
    return before.parentPid === process.ppid ? before.code : this.options.code;
  }

  /** Does what is wanted and was not done yet. */
  private async look(): Promise<void> {
    if (this.rolling !== undefined || this.stopped) return;
    const wanted = await this.files.wanted();
    if (wanted === undefined || wanted.rollId === this.last.rollId || this.rolling !== undefined) return;
    this.rolling = this.roll(wanted).finally(() => (this.rolling = undefined));
  }

  private async roll({ rollId, code }: WantedRoll): Promise<void> {
    const { pool, options } = this;
    if (pool === undefined) return;
    const { logger } = options;
    const next = code ?? pool.code;
    logger.info('rolling the API workers', { rollId, ...next });
    this.setPhase('starting');
    try {
      const limits = { readyMs: READY_MS_MAX, answerMs: ANSWER_MS_MAX };
      await pool.replaceAll(next, limits, () => this.setPhase('handingOver'));
      this.last = { rollId, outcome: 'done' };
      logger.info('the API workers were replaced', { rollId });
    } catch (fault) {
      if (!(fault instanceof RollFailedError)) throw fault;
      this.last = { rollId, outcome: 'failed', reason: fault.message };
      logger.error('the API workers were not replaced', { rollId, reason: fault.message });
    }
    this.setPhase('serving');
  }

  private setPhase(phase: RollPhase): void {
    this.phase = phase;
    this.note();
  }

  /** Writes what is so, one write after the other, so that the last state is what stays. */
  private note(): void {
    const { pool } = this;
    if (pool === undefined || this.stopped) return;
    this.writing = this.writing.then(async () => {
      const state: RollState = {
        pid: process.pid,
        parentPid: process.ppid,
        phase: this.phase,
        ...this.last,
        code: pool.code,
        processes: pool.processes(),
        updatedAt: new Date().toISOString(),
      };
      await this.files.note(state).catch((fault: unknown) => {
        this.options.logger.error('the state of the API workers could not be written', { fault });
      });
    });
  }
}
