import { relative } from 'node:path';
import type { RunDescription } from '../support/running-system';
import type { Home } from './home';

const short = (file: string): string => {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
};

/** Where things are, as lines. */
export function whereText(run: RunDescription): string {
  return [
    `  API           ${run.apiUrl}    (documentation: ${run.apiUrl}/docs)`,
    `  Operations    ${run.apiUrl}/ops    (sign in with the key named demo-ops)`,
    `  Temporal UI   ${run.temporalUiUrl}`,
    `  Temporal      ${run.temporalAddress}`,
    `  MongoDB       ${run.mongoUri.replace(/\/\/[^@/]*@/, '//…@')}`,
    `  Venue         ${run.venueUrl}`,
    `  Credentials   ${short(run.credentialsFile)}`,
  ].join('\n');
}

/** What a newcomer reads when the system is ready to trade. */
export function readyText(run: RunDescription, home: Home, startedInMs: number): string {
  const order = '{"clientOrderId":"first-1","account":"ACC-1","symbol":"IBM","side":"buy","type":"market",';
  return [
    '',
    `Steadfill is ready to trade (after ${(startedInMs / 1_000).toFixed(1)} s).`,
    whereText(run),
    `  Logs          ${short(home.logs)}/`,
    '',
    'Send an order:',
    `  KEY=$(node -p 'JSON.parse(require("fs").readFileSync("${short(run.credentialsFile)}")).keys[0].key')`,
    `  curl -s ${run.apiUrl}/v1/orders -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`,
    `    -d '${order}"quantity":"100","timeInForce":"day"}'`,
    '',
    'Ctrl-C drains and stops everything; the data stay and the next start finds every order.',
    '',
  ].join('\n');
}

/** What a second start on the same home reads. */
export function alreadyRunningText(folder: string, pid: number, run: RunDescription | undefined): string {
  const head = `Steadfill already runs on ${short(folder)} (process ${pid}).`;
  if (run === undefined) return `${head} It is still starting.`;
  return `${head}\n${whereText(run)}\nStop it with Ctrl-C in its terminal, or start another one with STEADFILL_HOME=/another/folder npm start.`;
}
