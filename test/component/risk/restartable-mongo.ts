import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canConnect } from '../../../tools/provision/network';
import { mongoServerArgs, mongoUriOf } from '../../../tools/start/mongo-server';
import { choosePorts } from '../../../tools/start/ports';
import { ensurePrimary } from '../../../tools/start/replica-set';
import { eventually } from '../../support/eventually';
import { testPrograms } from '../../support/servers';

const HOST = '127.0.0.1';

/** A MongoDB of this suite alone, which it may kill and start again on the same port and data. */
export class RestartableMongo {
  readonly uri: string;
  private child: ChildProcess | undefined;
  private readonly port: number;
  private readonly folder = mkdtempSync(join(tmpdir(), 'steadfill-crash-'));

  private constructor(port: number) {
    this.port = port;
    this.uri = mongoUriOf(port);
  }

  /** Reserves a port; nothing listens there yet. */
  static async prepare(): Promise<RestartableMongo> {
    const { mongo } = await choosePorts({ mongo: 0 });
    return new RestartableMongo(mongo.port);
  }

  async start(): Promise<void> {
    const { mongodb } = await testPrograms();
    const args = mongoServerArgs({ flavour: mongodb.flavour, dataFolder: this.folder, port: this.port });
    this.child = spawn(mongodb.value, args, { cwd: this.folder, stdio: 'ignore' });
    await eventually(() => canConnect(HOST, this.port, 500), {
      timeoutMs: 30_000,
      what: 'MongoDB listening',
    });
    if (mongodb.flavour === 'mongod') await ensurePrimary(this.uri, `${HOST}:${this.port}`, 30_000);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.child = undefined;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
