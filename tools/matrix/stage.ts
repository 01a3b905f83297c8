import { Client, Connection } from '@temporalio/client';
import { loadWorkflowBundle } from '../../workers/workflow-bundle';
import { provision } from '../provision/provision';
import { standardOutput } from '../provision/progress';
import { runTogether } from '../support/run-together';
import { ThrowawayServers } from '../test/throwaway-servers';
import type { OrderMatrix } from './matrix-form';
import { runsOf } from './execution-runs';
import { MatrixPlay, type PlayName, type StepOutcome } from './play';
import type { PlayGround } from './played-order';
import { WorkerProcess, type WorkerOrders } from './worker-process';

/** Matrices that are played at the same time. */
const PLAYED_AT_ONCE_MAX = 8;

export interface StageOptions {
  /** A Temporal server that runs already, with our search attributes; without it one is started and thrown away. */
  address?: string;
  bundleFolder: string;
  say: (text: string) => void;
}

type RunMatrix = (play: MatrixPlay, matrix: OrderMatrix) => Promise<void>;

const inOrder: RunMatrix = async (play, { steps }) => {
  for (let index = 0; index < steps.length && play.canPlay(index); index += 1) await play.step(index);
};
const twice: RunMatrix = async (play, { steps }) => {
  for (let index = 0; index < steps.length && play.canPlay(index); index += 1) await play.stepTwice(index);
};
const outOfOrder: RunMatrix = async (play, { steps }) => {
  for (const run of runsOf(steps)) if (play.canPlay(run[0] ?? 0)) await play.runBackwards(run);
};

/** What matrices are played on: a Temporal server, the workflow bundle of production and worker processes. */
export class Stage {
  private readonly servers: ThrowawayServers;
  private readonly connection: Connection;
  private readonly client: Client;
  private readonly orders: Omit<WorkerOrders, 'taskQueue'>;
  private readonly say: (text: string) => void;
  private readonly name = `matrix-${process.pid}-${Date.now().toString(36)}`;

  private constructor(
    servers: ThrowawayServers,
    connection: Connection,
    orders: Stage['orders'],
    say: Stage['say'],
  ) {
    this.servers = servers;
    this.connection = connection;
    this.client = new Client({ connection });
    this.orders = orders;
    this.say = say;
  }

  /** Provisions and starts what is needed. */
  static async open({ address, bundleFolder, say }: StageOptions): Promise<Stage> {
    const servers = new ThrowawayServers();
    try {
      const [server, { codePath }] = await Promise.all([
        address ?? startServer(servers),
        loadWorkflowBundle(bundleFolder),
      ]);
      const connection = await Connection.connect({ address: server });
      return new Stage(servers, connection, { address: server, bundlePath: codePath }, say);
    } catch (fault) {
      await servers.stop();
      throw fault;
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.servers.stop();
  }

  /** Plays all matrices in one way; the outcomes come matrix by matrix, in the order given. */
  async play(name: PlayName, matrices: readonly OrderMatrix[]): Promise<StepOutcome[]> {
    const ground: PlayGround = { client: this.client, taskQueue: `${this.name}-${name}` };
    const plays = matrices.map((matrix, index) => {
      const say = (text: string): void => this.say(`[${name}] ${text}`);
      return { matrix, play: new MatrixPlay(matrix, ground, `${ground.taskQueue}-${index + 1}`, say) };
    });
    if (name === 'crash') await this.playCrashing(ground.taskQueue, plays);
    else {
      const run = { plain: inOrder, duplicates: twice, disorder: outOfOrder }[name];
      const worker = this.worker(ground.taskQueue);
      try {
        await worker.poll();
        await runTogether(
          plays.map(
            ({ play, matrix }) =>
              () =>
                run(play, matrix),
          ),
          PLAYED_AT_ONCE_MAX,
        );
      } finally {
        await worker.kill();
      }
    }
    return plays.flatMap(({ play }) => play.outcomes);
  }

  /**
   * All matrices go forward together, one step a round. Before each round the worker process is killed, and another
   * one, which has never seen the orders, takes over and replays them from their histories.
   */
  private async playCrashing(
    taskQueue: string,
    plays: readonly { matrix: OrderMatrix; play: MatrixPlay }[],
  ): Promise<void> {
    const rounds = Math.max(...plays.map(({ matrix }) => matrix.steps.length));
    let next = this.worker(taskQueue);
    for (let index = 0; index < rounds; index += 1) {
      const worker = next;
      const isLast = index === rounds - 1;
      try {
        await worker.poll();
        if (!isLast) next = this.worker(taskQueue);
        const able = plays.filter(({ play }) => play.canPlay(index));
        await runTogether(
          able.map(
            ({ play }) =>
              () =>
                play.step(index),
          ),
          PLAYED_AT_ONCE_MAX,
        );
      } finally {
        await worker.kill();
      }
      await runTogether(
        plays.map(
          ({ play }) =>
            () =>
              play.forgetWorker(),
        ),
        PLAYED_AT_ONCE_MAX,
      );
    }
  }

  private worker(taskQueue: string): WorkerProcess {
    return new WorkerProcess({ ...this.orders, taskQueue });
  }
}

async function startServer(servers: ThrowawayServers): Promise<string> {
  const output = { ...standardOutput, isTTY: false };
  const { temporal } = await provision({ parts: ['temporal'], acceptMongodbUri: false, output });
  if (temporal === undefined) throw new Error('provisioning left Temporal out');
  return (await servers.temporal(temporal)).address;
}
