import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line between an adapter and its venue that a test can cut. */
export class CuttingProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private answersToCut = 0;
  private targetPort: number;

  private constructor(targetPort: number) {
    this.targetPort = targetPort;
    this.server = createServer((client) => this.serve(client));
  }

  static async open(targetPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort);
    await new Promise<void>((listening) => proxy.server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Cuts all connections that are open now; new ones go through. */
  cutConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** The next `count` answers to HTTP requests do not come back, although the requests arrive. */
  cutAnswers(count: number): void {
    this.answersToCut = count;
  }

  async close(): Promise<void> {
    this.cutConnections();
    await new Promise<void>((closed) => this.server.close(() => closed()));
  }

  private serve(client: Socket): void {
    const upstream = connect(this.targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (data: Buffer) => {
      if (this.answersToCut > 0 && data.toString('latin1', 0, 5) === 'HTTP/') {
        this.answersToCut -= 1;
        client.destroy();
        return;
      }
      client.write(data);
    });
  }
}
