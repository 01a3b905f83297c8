import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { devServerArgs } from '../../temporal-config/dev-server';
import type { Found } from '../provision/ladder';
import { canConnect } from '../provision/network';
import { logTail } from '../start/log-keeper';
import { mongoServerArgs, mongoUriOf } from '../start/mongo-server';
import { choosePorts } from '../start/ports';
import { ensurePrimary } from '../start/replica-set';
import { prepareNamespace } from '../start/temporal-namespace';

const HOST = '127.0.0.1';
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 10_000;
const CONNECT_MS = 500;
const POLL_MS = 50;

interface ThrowawayServer {
  child: ChildProcess;
  folder: string;
}

/** Servers whose data nobody wants afterwards. They end with this process, at the latest. */
export class ThrowawayServers {
  private readonly running: ThrowawayServer[] = [];

  constructor() {
    process.once('exit', () => {
      for (const { child, folder } of this.running) {
        child.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  async mongo(program: Found): Promise<{ uri: string; pid: number }> {
    const { mongo } = await choosePorts({ mongo: 0 });
    const folder = mkdtempSync(join(tmpdir(), 'steadfill-mongo-'));
    const args = mongoServerArgs({ flavour: program.flavour, dataFolder: folder, port: mongo.port });
    const pid = await this.start(program.value, args, folder, mongo.port);
    const uri = mongoUriOf(mongo.port);
    if (program.flavour === 'mongod') await ensurePrimary(uri, `${HOST}:${mongo.port}`, START_MS_MAX);
    return { uri, pid };
  }

  /** A Temporal server with our search attributes in its default namespace. */
  async temporal(program: Found): Promise<{ address: string; pid: number }> {
    const ports = await choosePorts({ grpc: 0, ui: 0 });
    const folder = mkdtempSync(join(tmpdir(), 'steadfill-temporal-'));
    const dbFile = join(folder, 'temporal.db');
    const args = devServerArgs({ dbFile, port: ports.grpc.port, uiPort: ports.ui.port });
    const pid = await this.start(program.value, args, folder, ports.grpc.port);
    const address = `${HOST}:${ports.grpc.port}`;
    const connection = await Connection.connect({ address, connectTimeout: START_MS_MAX });
    try {
      await prepareNamespace(connection, 'default', START_MS_MAX);
    } finally {
      await connection.close();
    }
    return { address, pid };
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map(stopServer));
  }

  private async start(
    command: string,
    args: readonly string[],
    folder: string,
    port: number,
  ): Promise<number> {
    const logFile = join(folder, 'server.log');
    const log = openSync(logFile, 'a');
    // A session of its own, so that Ctrl-C in the terminal leaves stopping to us.
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    // Its owner must be able to end although it forgot its server.
    child.unref();
    this.running.push({ child, folder });
    let failed: Error | undefined;
    child.once('error', (fault) => (failed = fault));
    const deadline = Date.now() + START_MS_MAX;
    while (!(await canConnect(HOST, port, CONNECT_MS))) {
      const over = failed?.message ?? child.exitCode ?? child.signalCode;
      if (over !== null || Date.now() > deadline) {
        throw new Error(
          `${command} does not listen on ${port} (${over ?? 'too late'}): ${await logTail(logFile)}`,
        );
      }
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
    return child.pid ?? 0;
  }
}

async function stopServer({ child, folder }: ThrowawayServer): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = new Promise((done) => child.once('exit', done));
    child.ref();
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  }
  rmSync(folder, { recursive: true, force: true });
}
