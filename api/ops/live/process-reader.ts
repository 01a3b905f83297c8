import { readFile } from 'node:fs/promises';
import { METRICS } from '../../../observability/metrics/catalog';
import { parseExposition, type Sample } from './exposition';

const READ_MS_MAX = 1_000;
const TARGETS_MAX = 64;
/** The server's own metrics are for Prometheus: they are by far the longest, and nothing here is made of them. */
const LEFT_OUT: ReadonlySet<string> = new Set(['temporal']);

const HISTOGRAMS = [METRICS.orderAcknowledgement, METRICS.riskCheck, METRICS.venueWire, METRICS.viewLag];
const OTHERS = [
  METRICS.orderTransitions,
  METRICS.ordersDenied,
  METRICS.venueSessionUp,
  METRICS.reportsWaiting,
  METRICS.processCpu,
  METRICS.processMemory,
  METRICS.eventLoopLag,
];
/** What the page is made of; everything else that processes serve is passed over. */
const WANTED: ReadonlySet<string> = new Set([
  ...HISTOGRAMS.flatMap(({ name }) => [`${name}_bucket`, `${name}_count`]),
  ...OTHERS.map(({ name }) => name),
  'temporal_worker_task_slots_available',
  'temporal_worker_task_slots_used',
]);

/** What one process says about itself, or why it says nothing. */
export interface ProcessReading {
  process: string;
  samples: Sample[];
  cause?: string;
}

interface Target {
  targets?: string[];
  labels?: Record<string, string>;
}

export interface ProcessReaderOptions {
  /** Prometheus' file of targets; without one, only this process is read. */
  targetsFile: string;
  /** This process under its name as a target, and the text that it would serve. */
  own: { name: string; text: () => Promise<string> };
}

/** Reads the metrics of all processes, each within a second; one that does not answer is named with the cause. */
export async function readProcesses({ targetsFile, own }: ProcessReaderOptions): Promise<ProcessReading[]> {
  const others = (await readTargets(targetsFile)).filter(
    ({ name }) => name !== own.name && !LEFT_OUT.has(name),
  );
  const readings = others.slice(0, TARGETS_MAX).map(({ name, url }) => readOne(name, () => fetchText(url)));
  return await Promise.all([...readings, readOne(own.name, own.text)]);
}

/** A file that is missing or damaged names no targets: the page then shows this process alone. */
async function readTargets(file: string): Promise<{ name: string; url: string }[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]');
  return parseTargets(text).flatMap(({ targets = [], labels = {} }) =>
    targets.map((host) => ({
      name: labels['instance'] ?? host,
      url: `http://${host}${labels['__metrics_path__'] ?? '/metrics'}`,
    })),
  );
}

function parseTargets(text: string): Target[] {
  try {
    return JSON.parse(text) as Target[];
  } catch (fault) {
    if (fault instanceof SyntaxError) return [];
    throw fault;
  }
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(READ_MS_MAX) });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return await response.text();
}

async function readOne(process: string, read: () => Promise<string>): Promise<ProcessReading> {
  try {
    return { process, samples: parseExposition(await read(), (name) => WANTED.has(name)) };
  } catch (fault) {
    return { process, samples: [], cause: causeOf(fault as Error & { cause?: { code?: string } }) };
  }
}

function causeOf({ name, message, cause }: Error & { cause?: { code?: string } }): string {
  if (name === 'TimeoutError') return `no answer within ${READ_MS_MAX / 1_000} s`;
  if (cause?.code === 'ECONNREFUSED') return 'not listening';
  return cause?.code ?? message;
}
