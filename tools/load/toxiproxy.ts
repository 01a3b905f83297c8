import { spawn } from 'node:child_process';
import { choosePorts } from '../start/ports';

const HOST = '127.0.0.1';
const UP_MS_MAX = 10_000;
const POLL_MS = 50;
const REQUEST_MS_MAX = 5_000;

export interface Delay {
  /** Added to each direction, milliseconds; a round trip takes twice as long. */
  latencyMs: number;
  /** Spread around it, milliseconds: what retransmission of lost packets looks like from above TCP. */
  jitterMs: number;
}

/** A toxiproxy server of our own on loopback. */
export class Toxiproxy {
  readonly pid: number;
  private readonly url: string;
  private readonly kill: () => Promise<void>;

  private constructor(url: string, pid: number, kill: () => Promise<void>) {
    this.url = url;
    this.pid = pid;
    this.kill = kill;
  }

  /** Starts the program. Throws when it does not answer in time. */
  static async start(program: string): Promise<Toxiproxy> {
    const { control } = await choosePorts({ control: 0 });
    const child = spawn(program, ['-host', HOST, '-port', String(control.port)], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { PATH: process.env['PATH'], LOG_LEVEL: 'fatal' },
    });
    const exited = new Promise<void>((done) => {
      child.once('exit', () => done());
      child.once('error', () => done());
    });
    const onExit = (): void => void child.kill('SIGTERM');
    process.once('exit', onExit);
    const kill = async (): Promise<void> => {
      process.off('exit', onExit);
      child.kill('SIGTERM');
      await exited;
    };
    const proxy = new Toxiproxy(`http://${HOST}:${control.port}`, child.pid ?? 0, kill);
    const deadline = Date.now() + UP_MS_MAX;
    while (!(await proxy.answers())) {
      if (Date.now() > deadline || child.exitCode !== null) {
        await kill();
        throw new Error(`${program} does not answer on ${proxy.url}`);
      }
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
    return proxy;
  }

  /** Listens on `listenPort` and leads every connection to `upstreamPort`. */
  async addProxy(name: string, listenPort: number, upstreamPort: number): Promise<void> {
    const body = {
      name,
      listen: `${HOST}:${listenPort}`,
      upstream: `${HOST}:${upstreamPort}`,
      enabled: true,
    };
    await this.call('POST', '/proxies', body);
  }

  /** Delays both directions of every connection, those that are open too. */
  async delay(name: string, { latencyMs, jitterMs }: Delay): Promise<void> {
    for (const stream of ['upstream', 'downstream'] as const) {
      await this.call('POST', `/proxies/${name}/toxics`, {
        name: `delay-${stream}`,
        type: 'latency',
        stream,
        toxicity: 1,
        attributes: { latency: latencyMs, jitter: jitterMs },
      });
    }
  }

  /** Cuts every open connection and takes none for `durationMs`. */
  async cut(name: string, durationMs: number): Promise<void> {
    await this.call('POST', `/proxies/${name}`, { enabled: false });
    await new Promise((wake) => setTimeout(wake, durationMs));
    await this.call('POST', `/proxies/${name}`, { enabled: true });
  }

  /** Takes every delay away and opens what was cut. */
  async heal(): Promise<void> {
    await this.call('POST', '/reset');
  }

  async stop(): Promise<void> {
    await this.kill();
  }

  private async answers(): Promise<boolean> {
    return this.call('GET', '/version').then(
      () => true,
      () => false,
    );
  }

  private async call(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy answered ${response.status} to ${method} ${path}: ${text}`);
  }
}
