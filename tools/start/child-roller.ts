import { join } from 'node:path';
import { RollFiles, type CodeRef, type RollPhase, type RollState } from '../../api/cluster/roll-files';
import { ROOT } from './children';
import type { ChildSpec, ManagedChild } from './managed-child';
import { servingMetrics } from './metrics-targets';
import { choosePorts } from './ports';

const WATCH_MS = 250;

/**
 * Replaces a child that can stand by when a roll of it is asked for in the home: the second process takes over what
 * the first one owns, and the record says so.
 */
export class ChildRoller {
  private readonly child: ManagedChild;
  private readonly files: RollFiles;
  private readonly say: (text: string) => void;
  private readonly script: string;
  private code: CodeRef = { dir: ROOT };
  private last: Pick<RollState, 'rollId' | 'outcome' | 'reason'> = {};
  private timer: NodeJS.Timeout | undefined;
  private rolling: Promise<void> | undefined;

  constructor(child: ManagedChild, script: string, home: string, say: (text: string) => void) {
    this.child = child;
    this.script = script;
    this.files = new RollFiles(home, child.spec.name);
    this.say = say;
  }

  /** Begins to look; what was asked for before this system ran is left undone. */
  async start(): Promise<void> {
    const wanted = await this.files.wanted();
    if (wanted !== undefined) {
      this.last = { rollId: wanted.rollId, outcome: 'failed', reason: 'the system was stopped meanwhile' };
      const before = await this.files.state();
      if (before?.rollId === wanted.rollId && before.outcome === 'done')
        this.last = { ...this.last, outcome: 'done' };
    }
    await this.note('serving');
    this.timer = setInterval(() => {
      this.rolling ??= this.look().finally(() => (this.rolling = undefined));
    }, WATCH_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.rolling;
  }

  private async look(): Promise<void> {
    const wanted = await this.files.wanted();
    if (wanted === undefined || wanted.rollId === this.last.rollId || this.timer === undefined) return;
    const { rollId, code = this.code } = wanted;
    const { name } = this.child.spec;
    this.say(`replacing ${name} (${rollId})`);
    await this.note('starting');
    try {
      await this.child.replace(await withOwnMetricsAddress(this.specFrom(code)));
      this.code = code;
      this.last = { rollId, outcome: 'done' };
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault);
      this.last = { rollId, outcome: 'failed', reason };
      this.say(`${name} was not replaced: ${reason}`);
    }
    await this.note('serving');
  }

  private specFrom(code: CodeRef): ChildSpec {
    const { spec } = this.child;
    return {
      ...spec,
      args: spec.args.map((arg) => (arg.endsWith(this.script) ? join(code.dir, this.script) : arg)),
      env: { ...spec.env, ...(code.buildId === undefined ? {} : { STEADFILL_BUILD_ID: code.buildId }) },
    };
  }

  private async note(phase: RollPhase): Promise<void> {
    const { pid } = this.child;
    await this.files.note({
      pid: process.pid,
      parentPid: process.ppid,
      phase,
      ...this.last,
      code: this.code,
      processes: pid === undefined ? [] : [{ pid, state: 'serving' }],
      updatedAt: new Date().toISOString(),
    });
  }
}

/** Both processes run for a while, so the second cannot serve its metrics where the first does. */
async function withOwnMetricsAddress(spec: ChildSpec): Promise<ChildSpec> {
  if ((spec.env['STEADFILL_METRICS_ADDRESS'] ?? '') === '') return spec;
  const { metrics } = await choosePorts({ metrics: 0 });
  return servingMetrics(spec, metrics.port);
}
