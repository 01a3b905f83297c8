import { createServer, type Server } from 'node:net';

const HOST = '127.0.0.1';

function listen(port: number): Promise<Server | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(undefined));
    server.listen({ port, host: HOST, exclusive: true }, () => done(server));
  });
}

const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
  return address.port;
};

export interface ChosenPort {
  port: number;
  /** The wanted port, when it was taken by somebody else. */
  busy?: number;
}

/**
 * Chooses a port for each name: the wanted one where it is free, another free one where it is not (0 wants any).
 * All are held while choosing, so that no two names get the same.
 */
export async function choosePorts<Name extends string>(
  wanted: Record<Name, number>,
): Promise<Record<Name, ChosenPort>> {
  const held: Server[] = [];
  const chosen = {} as Record<Name, ChosenPort>;
  try {
    for (const [name, port] of Object.entries(wanted) as [Name, number][]) {
      const own = await listen(port);
      const server = own ?? (await listen(0));
      if (server === undefined) throw new Error(`no free port for ${name} on ${HOST}`);
      held.push(server);
      chosen[name] = { port: portOf(server), ...(own === undefined && { busy: port }) };
    }
  } finally {
    await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  }
  return chosen;
}
