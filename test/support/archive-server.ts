import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface ArchiveServer {
  url: string;
  /** Paths asked for, in order. */
  asked: string[];
  answer(path: string, how: Answer): void;
  close(): Promise<void>;
}

/** A publisher of archives on this machine, which answers each path as a test says. */
export async function startArchiveServer(): Promise<ArchiveServer> {
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const how = answers.get(path);
    if (how !== undefined) return how(request, response);
    response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answer: (path, how) => void answers.set(path, how),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** A gzipped tar with one executable file. */
export async function makeArchive(member: string, content: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'steadfill-archive-'));
  try {
    mkdirSync(join(folder, 'release/bin'), { recursive: true });
    writeFileSync(join(folder, 'release/bin', member), content, { mode: 0o755 });
    writeFileSync(join(folder, 'release/README'), 'not the program');
    await create({ gzip: true, file: join(folder, 'a.tgz'), cwd: folder }, ['release']);
    return readFileSync(join(folder, 'a.tgz'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export const whole =
  (bytes: Buffer): Answer =>
  (_request, response) =>
    void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);

/** Announces everything, sends half and cuts the connection. */
export const truncated =
  (bytes: Buffer): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  };

/** Sends half and then nothing more. */
export const stalling =
  (bytes: Buffer): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2));
  };

/** Takes the request and never answers. */
export const silent: Answer = () => undefined;
