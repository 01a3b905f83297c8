import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';

const MAIN = resolve(__dirname, '../../../venues/simulator/main.ts');
const START_MS_MAX = 30_000;

export interface VenueProcessOptions {
  dataDir: string;
  /** 0 takes a free port. */
  port?: number;
  args?: string[];
  env?: Record<string, string>;
}

/** The simulator as a process of its own, as `npm start` runs it. */
export class VenueProcess {
  readonly url: string;
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;

  private constructor(child: ChildProcess, url: string, ended: Promise<number | null>) {
    this.child = child;
    this.url = url;
    this.ended = ended;
  }

  static async start({
    dataDir,
    port = 0,
    args = ['--manual'],
    env = {},
  }: VenueProcessOptions): Promise<VenueProcess> {
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
      env: {
        ...process.env,
        STEADFILL_LOG_LEVEL: 'info',
        STEADFILL_VENUE_PORT: String(port),
        STEADFILL_VENUE_DATA_DIR: dataDir,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    const output: string[] = [];
    const url = await new Promise<string>((found, fail) => {
      const timer = setTimeout(
        () => fail(new Error(`the venue does not listen:\n${output.join('\n')}`)),
        START_MS_MAX,
      );
      const settle = (): void => clearTimeout(timer);
      assert.ok(child.stdout);
      createInterface({ input: child.stdout }).on('line', (line) => {
        output.push(line);
        const record = JSON.parse(line) as { msg: string; url?: string };
        if (record.msg !== 'Listening' || record.url === undefined) return;
        settle();
        found(record.url);
      });
      void ended.then((code) => {
        settle();
        fail(new Error(`the venue ended with ${code}:\n${output.join('\n')}`));
      });
    });
    return new VenueProcess(child, url, ended);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Ends the process as a crash would. */
  async crash(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return await this.ended;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const response = await fetch(this.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    return { status: response.status, body: (await response.json()) as T };
  }
}
