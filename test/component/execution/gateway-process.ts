import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const GATEWAY = resolve(__dirname, '../../../workers/execution.ts');

/** A gateway as a process of its own. */
export class GatewayProcess {
  readonly output: string[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;
  private readonly said: (() => void)[] = [];

  private constructor(child: ChildProcess) {
    this.child = child;
    this.ended = new Promise((done) => child.once('exit', (code) => done(code)));
    assert.ok(child.stdout);
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.output.push(line);
      for (const look of this.said) look();
    });
  }

  /** Starts one that gets the session, and waits until it works. */
  static async start(env: Record<string, string>): Promise<GatewayProcess> {
    const gateway = GatewayProcess.launch(env);
    await gateway.says('Polling');
    return gateway;
  }

  static launch(env: Record<string, string>): GatewayProcess {
    const child = spawn(process.execPath, ['--import', 'tsx', GATEWAY], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return new GatewayProcess(child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  hasSaid(text: string): boolean {
    return this.output.some((line) => line.includes(`"${text}`));
  }

  /** Waits until a log line begins with `text`. Throws when the process ends before. */
  async says(text: string): Promise<void> {
    await new Promise<void>((found, fail) => {
      const look = (): void => {
        if (this.hasSaid(text)) found();
      };
      this.said.push(look);
      look();
      void this.ended.then((code) =>
        fail(new Error(`the gateway ended with ${code}:\n${this.output.join('\n')}`)),
      );
    });
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return await this.ended;
  }
}
