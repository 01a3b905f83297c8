import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Command } from 'commander';
import * as workflowTypes from '../../workflows/index';
import { bundleWorkflows } from '../../workers/workflow-bundle';
import { connectionSettings } from '../support/running-system';
import { checkManifest } from './manifest';
import {
  historiesFromFiles,
  liveHistories,
  replayAll,
  storedHistoryFiles,
  type ReplayOutcome,
} from './replay';

const LIVE_HISTORIES_MAX = 1_000;

interface Options {
  live?: string;
  sample: string;
  json?: boolean;
}

/** What went wrong outside of any history, plus one outcome a history. */
interface ReplayReport {
  faults: string[];
  outcomes: ReplayOutcome[];
}

async function replayStored(bundle: { code: string }): Promise<ReplayReport> {
  const faults = await checkManifest(Object.keys(workflowTypes));
  return { faults, outcomes: await replayAll(bundle, historiesFromFiles(await storedHistoryFiles())) };
}

async function replayLive(bundle: { code: string }, query: string, sample: number): Promise<ReplayReport> {
  const { address, namespace } = await connectionSettings();
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    return { faults: [], outcomes: await replayAll(bundle, liveHistories(client, query, sample)) };
  } finally {
    await connection.close();
  }
}

async function main(): Promise<void> {
  const command = new Command('replay')
    .description(
      'Replays histories against the current code: the stored ones, given files, or live ones by query.',
    )
    .option('--live <query>', 'visibility query over a running server, such as \'WorkflowType="order"\'')
    .option('--sample <n>', 'at most this many live histories', String(LIVE_HISTORIES_MAX))
    .option('--json', 'one JSON object instead of lines')
    .argument('[files...]', 'history files as JSON')
    .parse();
  const options = command.opts<Options>();
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const bundle = await bundleWorkflows();
  const reports: ReplayReport[] = [];
  if (command.args.length > 0) {
    reports.push({ faults: [], outcomes: await replayAll(bundle, historiesFromFiles(command.args)) });
  }
  if (options.live !== undefined)
    reports.push(await replayLive(bundle, options.live, Number(options.sample)));
  if (reports.length === 0) reports.push(await replayStored(bundle));
  process.exitCode = print(reports, options.json === true);
}

/** Prints the outcome and gives the exit code: 1 on any fault, or when nothing was replayed. */
function print(reports: ReplayReport[], json: boolean): number {
  const outcomes = reports.flatMap((report) => report.outcomes);
  const faults = reports.flatMap((report) => report.faults);
  if (outcomes.length === 0) faults.push('nothing was replayed, which proves nothing');
  const failed = outcomes.filter((outcome) => !outcome.ok);
  if (json)
    process.stdout.write(
      `${JSON.stringify({ replayed: outcomes.length, failed: failed.length, faults, outcomes })}\n`,
    );
  else {
    for (const { workflowId, runId, ok, fault } of outcomes) {
      process.stdout.write(
        `${ok ? 'ok    ' : 'FAILED'} ${workflowId} ${runId}${fault === undefined ? '' : ` ${fault}`}\n`,
      );
    }
    for (const fault of faults) process.stdout.write(`FAULT  ${fault}\n`);
    process.stdout.write(`${outcomes.length} replayed, ${failed.length} failed\n`);
  }
  return failed.length > 0 || faults.length > 0 ? 1 : 0;
}

void main().catch((fault: unknown) => {
  process.stderr.write(`replay: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
