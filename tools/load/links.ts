import type { RunDescription } from '../support/running-system';

/** One connection between two of our processes: whose setting leads it through a proxy, and where it ends. */
export interface Link {
  name: string;
  title: string;
  /** The process, by its name in run.json, that opens the connection. */
  child: 'api' | 'worker-orders' | 'worker-execution';
  setting: 'TEMPORAL_ADDRESS' | 'MONGODB_URI' | 'STEADFILL_VENUE_URL';
  port: 'temporal' | 'mongodb' | 'venue';
  /**
   * Round trips on this connection that may lie between a submit and its acknowledgement, and in the risk activity
   * alone. Design, not measurement: a change that adds one must say so here.
   */
  ackRoundTripsMax: number;
  riskRoundTripsMax: number;
}

export const LINKS = [
  {
    name: 'api-temporal',
    title: 'API → Temporal',
    child: 'api',
    setting: 'TEMPORAL_ADDRESS',
    port: 'temporal',
    ackRoundTripsMax: 2,
    riskRoundTripsMax: 0.5,
  },
  {
    name: 'worker-temporal',
    title: 'worker → Temporal',
    child: 'worker-orders',
    setting: 'TEMPORAL_ADDRESS',
    port: 'temporal',
    ackRoundTripsMax: 3,
    riskRoundTripsMax: 0.5,
  },
  {
    name: 'worker-mongodb',
    title: 'worker → MongoDB',
    child: 'worker-orders',
    setting: 'MONGODB_URI',
    port: 'mongodb',
    ackRoundTripsMax: 8,
    riskRoundTripsMax: 6,
  },
  {
    name: 'gateway-venue',
    title: 'gateway → venue',
    child: 'worker-execution',
    setting: 'STEADFILL_VENUE_URL',
    port: 'venue',
    ackRoundTripsMax: 0.5,
    riskRoundTripsMax: 0.5,
  },
  {
    name: 'api-mongodb',
    title: 'API → MongoDB',
    child: 'api',
    setting: 'MONGODB_URI',
    port: 'mongodb',
    ackRoundTripsMax: 0.5,
    riskRoundTripsMax: 0.5,
  },
] as const satisfies readonly Link[];

export type LinkName = (typeof LINKS)[number]['name'];

export const linkNamed = (name: LinkName): Link => {
  const link = LINKS.find((candidate) => candidate.name === name);
  if (link === undefined) throw new Error(`there is no connection ${name}`);
  return link;
};

/** The value of a link's setting that leads to `port` on this machine. */
export function settingThrough(link: Link, port: number): string {
  switch (link.setting) {
    case 'TEMPORAL_ADDRESS':
      return `127.0.0.1:${port}`;
    case 'MONGODB_URI':
      return `mongodb://127.0.0.1:${port}/?directConnection=true`;
    case 'STEADFILL_VENUE_URL':
      return `http://127.0.0.1:${port}`;
  }
}

/** The process behind each pid of a running system. */
export const pidsOf = (described: RunDescription): Map<string, number> =>
  new Map(described.processes.map(({ name, pid }) => [name, pid]));
