import { join } from 'node:path';
import { Command } from 'commander';
import { loadConfig, type Config } from '../../config/config';
import { openMongo, type Mongo } from '../../storage/mongo';
import { listEvents } from '../../storage/queries/orders';
import { readRunDescription } from '../support/running-system';
import { eventLine } from './event-lines';
import { findOrder, OrderNotFoundError, type FoundOrder } from './find-order';
import { LogFollower, readOrderLines } from './log-files';
import { OrderLines, type FoundLine } from './order-lines';
import { byTime, toText } from './render';

const EVENTS_A_PAGE = 500;
const FOLLOW_MS = 300;

interface Options {
  order: string;
  account?: string;
  json?: boolean;
  follow?: boolean;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** MongoDB of the system that runs, or of the settings; undefined when it cannot be reached. */
async function reachMongo(config: Config): Promise<Mongo | undefined> {
  const running = await readRunDescription(config.STEADFILL_HOME);
  const uri = running?.mongoUri ?? config.MONGODB_URI;
  const mongo = await openMongo({ uri, database: config.MONGODB_DATABASE });
  if (mongo.ready()) return mongo;
  await mongo.close();
  process.stderr.write('MongoDB cannot be reached: the event log is left out.\n');
  return undefined;
}

/** Events beyond `sequence`, oldest first. */
async function eventsAfter(mongo: Mongo, order: FoundOrder, sequence: number): Promise<FoundLine[]> {
  const { orderId, workflowId } = order;
  const found: FoundLine[] = [];
  let cursor: string | undefined;
  do {
    const page = await listEvents(mongo.db, { orderId, limit: EVENTS_A_PAGE, cursor });
    const fresh = page.items.filter(({ seq }) => seq > sequence);
    found.push(...fresh.map((event) => eventLine(event, { orderId, workflowId })));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

const lastSequence = (events: readonly FoundLine[], before = 0): number => events.at(-1)?.sequence ?? before;

/** Prints what is new until the process is interrupted. */
async function follow(
  follower: LogFollower,
  order: FoundOrder,
  mongo: Mongo | undefined,
  begin: { sequence: number; show: (lines: readonly FoundLine[]) => void },
): Promise<never> {
  let { sequence } = begin;
  for (;;) {
    await new Promise((wake) => setTimeout(wake, FOLLOW_MS));
    const lines = await follower.next();
    const events = mongo?.ready() === true ? await eventsAfter(mongo, order, sequence) : [];
    sequence = lastSequence(events, sequence);
    begin.show([...lines, ...events]);
  }
}

async function main(): Promise<number> {
  const command = new Command('logs')
    .description('Shows everything about one order in time order: logs of all processes and its event log.')
    .requiredOption('--order <id>', 'order id or client order id')
    .option('--account <account>', 'the account, where several have this client order id')
    .option('--json', 'print one JSON object a line')
    .option('--follow', 'go on with what comes, until interrupted')
    .parse();
  const options = command.opts<Options>();
  const config = loadConfig();
  const logs = join(config.STEADFILL_HOME, 'logs');
  const mongo = await reachMongo(config);
  try {
    const order = await findOrder({ id: options.order, account: options.account, logs, mongo });
    const lines = new OrderLines(order, order.traceId === undefined ? [] : [order.traceId]);
    const follower = new LogFollower(logs, lines);
    await follower.begin();
    const events = mongo === undefined ? [] : await eventsAfter(mongo, order, 0);
    const show = (found: readonly FoundLine[]): void =>
      byTime(found).forEach((line) => print(options.json === true ? JSON.stringify(line) : toText(line)));
    if (options.json !== true) print(`Order ${order.orderId}, workflow ${order.workflowId}`);
    show([...(await readOrderLines(logs, lines)), ...events]);
    if (options.follow === true)
      await follow(follower, order, mongo, { sequence: lastSequence(events), show });
    return 0;
  } finally {
    await mongo?.close();
  }
}

process.once('SIGINT', () => process.exit(0));
// A reader such as `head` that has seen enough is no fault.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code === 'EPIPE') process.exit(0);
  throw fault;
});

void main().then(
  (code) => process.exit(code),
  (fault: unknown) => {
    const text = fault instanceof OrderNotFoundError ? fault.message : String((fault as Error).stack);
    process.stderr.write(`${text}\n`);
    process.exit(1);
  },
);
