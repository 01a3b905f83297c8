import { connect } from 'node:net';

/** True when something accepts TCP connections at this address within the time. */
export function canConnect(host: string, port: number, timeLimitMs: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(timeLimitMs, end(false));
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}
