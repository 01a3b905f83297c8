import { rm } from 'node:fs/promises';
import { canConnect } from '../provision/network';
import {
  apiSpec,
  apiUrlOf,
  checkoutBuildSpec,
  databaseSpecs,
  gatewaySpec,
  GATEWAY,
  mongoUriOfPlan,
  setupSpec,
  temporalAddressOf,
  temporalUiUrlOf,
  venueSpec,
  venueUrlOf,
  type SystemPlan,
} from './children';
import { ChildRoller } from './child-roller';
import { writeJson } from './home';
import { LIMITS } from './limits';
import { logTail } from './log-keeper';
import { ManagedChild, type ChildSpec } from './managed-child';
import { metricsTargetsOf, writePrometheusFiles } from './metrics-targets';
import { OrderWorkers } from './order-workers';
import { ChildRecord } from './orphans';
import { runSetup } from './run-setup';
import type { RunDescription } from '../support/running-system';

/** Thrown when the system does not become ready to trade; the message names the cause and the end of its log. */
export class StartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartError';
  }
}

/** Starts the processes in order, keeps them alive and stops them in the opposite order. */
export class Supervisor {
  private readonly plan: SystemPlan;
  private readonly say: (text: string) => void;
  private readonly record: ChildRecord;
  private readonly children: ManagedChild[] = [];
  private readonly orderWorkers: OrderWorkers;
  private readonly halt = new AbortController();
  private ready = false;
  private roller: ChildRoller | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(plan: SystemPlan, say: (text: string) => void) {
    this.plan = plan;
    this.say = say;
    this.record = new ChildRecord(plan.home.childrenFile);
    this.orderWorkers = new OrderWorkers(plan, say, {
      launch: (spec) => this.launch(spec),
      retire: async (child) => {
        await child.stop();
        this.children.splice(this.children.indexOf(child), 1);
      },
      changed: () => (this.ready ? this.describe() : Promise.resolve()),
    });
  }

  /** Brings the system up until it can trade. Throws StartError when that does not happen in time. */
  async start(): Promise<RunDescription> {
    const { plan } = this;
    databaseSpecs(plan).forEach((spec) => this.launch(spec));
    this.launch(venueSpec(plan));
    const built = this.runStep(checkoutBuildSpec(plan));
    await Promise.all([built, this.serversUp()]);
    await this.runStep(setupSpec(plan));
    this.halt.signal.throwIfAborted();
    await this.orderWorkers.start();
    if (!this.orderWorkers.runsCurrent)
      throw await this.failure('the build that takes orders cannot run here', []);
    this.launch(gatewaySpec(plan));
    this.launch(apiSpec(plan));
    await this.until('the system is ready to trade', LIMITS.readyMs, () => this.answersReady());
    this.ready = true;
    await this.watchRolls();
    await this.describe();
    return this.description();
  }

  private runStep(spec: ChildSpec): Promise<void> {
    return runSetup(spec, this.halt.signal, this.say);
  }

  private async watchRolls(): Promise<void> {
    const gateway = this.children.find(({ spec }) => spec.name === GATEWAY.name);
    if (gateway === undefined) return;
    this.roller = new ChildRoller(gateway, GATEWAY.script, this.plan.home.folder, this.say);
    await this.roller.start();
  }

  private launch(spec: ChildSpec): ManagedChild {
    const child = new ManagedChild(spec, {
      started: ({ pid }) => {
        if (pid !== undefined) this.record.add(spec.name, pid);
        if (this.ready) void this.describe();
      },
      ended: (_child, how, pauseMs) =>
        this.say(`${spec.name} ended (${how}), see ${spec.logFile}; starting it again in ${pauseMs} ms`),
    });
    this.children.push(child);
    child.start();
    return child;
  }

  private async serversUp(): Promise<void> {
    const { ports, mongodb } = this.plan;
    const listening = mongodb.flavour === 'external' ? [ports.temporal] : [ports.temporal, ports.mongodb];
    await this.until('Temporal and MongoDB accept connections', LIMITS.serverUpMs, async () => {
      const answers = await Promise.all(
        listening.map((port) => canConnect('127.0.0.1', port, LIMITS.connectMs)),
      );
      return answers.every(Boolean);
    });
  }

  /** A child that is alive may be on its way down, so that API and venue are asked; both have to be there to trade. */
  private async answersReady(): Promise<boolean> {
    const urls = [`${apiUrlOf(this.plan)}/readyz`, `${venueUrlOf(this.plan)}/healthz`];
    const answers = await Promise.all(urls.map(isAnswered));
    return answers.every(Boolean) && this.children.every((child) => child.isAlive);
  }

  private async until(what: string, limitMs: number, holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + limitMs;
    while (!(await holds())) {
      this.halt.signal.throwIfAborted();
      const broken = this.children.find(({ ends }) => ends >= LIMITS.endsBeforeReadyMax);
      if (broken !== undefined) throw await this.failure(`${broken.spec.name} does not stay up`, [broken]);
      if (Date.now() > deadline)
        throw await this.failure(`after ${limitMs / 1_000} s it is not so that ${what}`);
      await new Promise((wake) => setTimeout(wake, LIMITS.pollMs));
    }
  }

  private async failure(
    what: string,
    children: readonly ManagedChild[] = this.children,
  ): Promise<StartError> {
    const tails = children.map(async ({ spec }) => `--- ${spec.logFile}\n${await logTail(spec.logFile)}`);
    return new StartError([`Steadfill did not start: ${what}.`, ...(await Promise.all(tails))].join('\n'));
  }

  /** The worker of the build that takes new orders goes by a name that stays from one build to the next. */
  private nameOf({ name }: ChildSpec): string {
    return this.orderWorkers.publicName(name);
  }

  private description(): RunDescription {
    const { plan } = this;
    return {
      apiUrl: apiUrlOf(plan),
      temporalAddress: temporalAddressOf(plan),
      temporalUiUrl: temporalUiUrlOf(plan),
      mongoUri: mongoUriOfPlan(plan),
      venueUrl: venueUrlOf(plan),
      credentialsFile: plan.home.credentialsFile,
      processes: this.children.flatMap(({ spec, pid }) =>
        pid === undefined ? [] : [{ name: this.nameOf(spec), pid }],
      ),
      metricsTargets: metricsTargetsOf(
        this.children.map(({ spec }) => ({ ...spec, name: this.nameOf(spec) })),
      ),
      supervisorPid: process.pid,
    };
  }

  /** Writes run.json, one write after the other, so that the last state is what stays. */
  private describe(): Promise<void> {
    this.writing = this.writing.then(async () => {
      if (this.halt.signal.aborted) return;
      const description = this.description();
      await writePrometheusFiles(this.plan.home, description.metricsTargets);
      await writeJson(this.plan.home.runFile, description);
    });
    return this.writing;
  }

  /** Drains and stops all: first the API, then the workers, then the venue, last the databases. */
  async stop(): Promise<void> {
    this.halt.abort(new StartError('Steadfill was stopped before it was ready.'));
    await this.orderWorkers.stopWatching();
    await this.roller?.stop();
    await this.writing;
    await rm(this.plan.home.runFile, { force: true });
    for (const names of [/^api$/, /^worker-/, /^venue-simulator$/, /^(temporal|mongodb)$/]) {
      const group = this.children.filter(({ spec }) => names.test(spec.name));
      if (group.some((child) => child.isAlive))
        this.say(`stopping ${group.map(({ spec }) => this.nameOf(spec)).join(' and ')}`);
      await Promise.all(group.map((child) => child.stop()));
    }
    await this.record.clear();
  }

  /** Ends everything at once; what was acknowledged is on disk all the same. */
  killAll(): void {
    this.children.forEach((child) => child.kill());
  }
}

/** True when the address answers 200. One that does not listen yet is asked again, and `until` knows when to give up. */
async function isAnswered(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMITS.readyRequestMs) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
