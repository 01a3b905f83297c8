import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ArchiveSource } from '../../../tools/provision/download-archive';
import { temporalCliPart } from '../../../tools/provision/temporal-cli.part';
import {
  makeArchive,
  sha256,
  silent,
  stalling,
  startArchiveServer,
  truncated,
  whole,
  type ArchiveServer,
} from '../../support/archive-server';
import {
  climbed,
  fakeMachine,
  TEMPORAL_SAYS,
  whyOf,
  type Climbed,
  type FakeMachine,
} from '../../support/provision-harness';

// Goal: only a complete and verified archive is ever installed, and no fault of a network makes a rung hang.
// Method: the download rung of the Temporal CLI against a server on this machine, with short limits.
const LIMITS = { connectMs: 300, responseMs: 300, stallMs: 300 };
const RUNG_MS_MAX = 20_000;
const RUNG = 'official download';
const PLATFORM = { os: 'linux', arch: 'x64' } as const;

describe('the official download', () => {
  let machine: FakeMachine;
  let server: ArchiveServer;
  let archive: Buffer;

  beforeEach(async () => {
    machine = fakeMachine();
    server = await startArchiveServer();
    archive = await makeArchive('temporal', `#!/bin/sh\n${TEMPORAL_SAYS}\n`);
  });
  afterEach(async () => {
    await server.close();
    machine.remove();
  });

  const sourceAt = (url: string, more: Partial<ArchiveSource> = {}): ArchiveSource => ({
    url: `${url}/{os}/temporal-{version}-{arch}.tgz`,
    version: '1.5.1',
    os: { linux: 'linux' },
    arch: { x64: 'amd64' },
    member: 'temporal',
    sha256: { 'linux-x64': sha256(archive) },
    ...more,
  });
  const PATH = '/linux/temporal-1.5.1-amd64.tgz';

  const download = async (source: ArchiveSource = sourceAt(server.url)): Promise<Climbed> => {
    const downloads = { temporal: source, limits: LIMITS };
    return await climbed(
      temporalCliPart({ cache: machine.cache, env: machine.env, platform: PLATFORM, downloads }),
    );
  };

  const assertMovedOn = (climb: Climbed, why: RegExp): void => {
    assert.match(whyOf(climb, RUNG), why);
    assert.ok(climb.durationMs < RUNG_MS_MAX, `took ${climb.durationMs} ms`);
    assert.equal(whyOf(climb, 'go install'), 'no go on the PATH', 'the next rung was tried');
    const left = existsSync(machine.cache)
      ? readdirSync(machine.cache).filter((name) => name.startsWith('temporal'))
      : [];
    assert.deepEqual(left, [], 'nothing was installed');
    const staging = join(machine.cache, 'staging');
    assert.deepEqual(existsSync(staging) ? readdirSync(staging) : [], [], 'nothing was left behind');
  };

  it('installs a good archive, and the next run finds it in the cache', async () => {
    server.answer(PATH, whole(archive));
    const first = await download();
    assert.equal(first.result.outcome, 'found');
    assert.ok(
      first.lines.some((line) => line.includes(`${server.url}${PATH}`)),
      'says what it downloads',
    );
    const second = await download();
    assert.equal(second.result.outcome === 'found' && second.result.rung, 'cache');
    assert.equal(server.asked.length, 1);
  });

  it('follows a redirect', async () => {
    server.answer(
      PATH,
      (_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end(),
    );
    server.answer('/elsewhere', whole(archive));
    assert.equal((await download()).result.outcome, 'found');
  });

  it('refuses a wrong checksum', async () => {
    server.answer(PATH, whole(await makeArchive('temporal', '#!/bin/sh\necho something else\n')));
    assertMovedOn(await download(), /wrong checksum.*expected/);
  });

  it('verifies against the published checksum file where none is pinned', async () => {
    const source = sourceAt(server.url, { sha256: {}, checksumUrl: `${server.url}/sum` });
    server.answer(PATH, whole(archive));
    server.answer('/sum', whole(Buffer.from(`${sha256(archive)}  temporal.tgz\n`)));
    assert.equal((await download(source)).result.outcome, 'found');
  });

  it('takes its own line of a checksum file that is about several archives', async () => {
    const source = sourceAt(server.url, { sha256: {}, checksumUrl: `${server.url}/sums` });
    server.answer(PATH, whole(archive));
    const other = `${'1'.repeat(64)}  temporal-1.5.1-arm64.tgz`;
    server.answer('/sums', whole(Buffer.from(`${other}\n${sha256(archive)}  temporal-1.5.1-amd64.tgz\n`)));
    assert.equal((await download(source)).result.outcome, 'found');
  });

  it('refuses an archive that a checksum file about several does not name', async () => {
    const source = sourceAt(server.url, { sha256: {}, checksumUrl: `${server.url}/sums` });
    server.answer(PATH, whole(archive));
    const lines = ['arm64', 's390x'].map((arch) => `${sha256(archive)}  temporal-1.5.1-${arch}.tgz`);
    server.answer('/sums', whole(Buffer.from(lines.join('\n'))));
    assertMovedOn(await download(source), /holds no sha256 of temporal-1\.5\.1-amd64\.tgz/);
  });

  it('refuses an archive whose checksum file is missing, empty or other', async () => {
    const source = sourceAt(server.url, { sha256: {}, checksumUrl: `${server.url}/sum` });
    server.answer(PATH, whole(archive));
    assertMovedOn(await download(source), /answered 404/);
    server.answer('/sum', whole(Buffer.from('no hash here')));
    assertMovedOn(await download(source), /holds no sha256/);
    server.answer('/sum', whole(Buffer.from('0'.repeat(64))));
    assertMovedOn(await download(source), /wrong checksum/);
  });

  it('downloads nothing whose checksum nobody knows', async () => {
    server.answer(PATH, whole(archive));
    assertMovedOn(await download(sourceAt(server.url, { sha256: {} })), /no checksum is known/);
    assert.deepEqual(server.asked, []);
  });

  it('detects a truncated archive', async () => {
    server.answer(PATH, truncated(archive));
    assertMovedOn(await download(), /truncated|aborted|terminated/);
  });

  it('gives up on a download that stalls', async () => {
    server.answer(PATH, stalling(archive));
    assertMovedOn(await download(), /stalled for 300 ms/);
  });

  it('gives up on a server that takes the request and never answers', async () => {
    server.answer(PATH, silent);
    assertMovedOn(await download(), /no answer within 300 ms/);
  });

  it('gives up on a server that redirects for ever', async () => {
    server.answer(PATH, (_request, response) => void response.writeHead(302, { location: PATH }).end());
    assertMovedOn(await download(), /redirects more than/);
  });

  it('moves on at once from a missing file, a closed port and a name that does not resolve', async () => {
    assertMovedOn(await download(), /answered 404/);
    const closed = createServer();
    await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
    const { port } = closed.address() as AddressInfo;
    await new Promise((done) => closed.close(done));
    assertMovedOn(await download(sourceAt(`http://127.0.0.1:${port}`)), /ECONNREFUSED/);
    assertMovedOn(
      await download(sourceAt('http://steadfill.invalid')),
      /does not resolve|EAI_AGAIN|no connection/,
    );
  });

  it('refuses an archive without the program, and a program that does not work', async () => {
    archive = await makeArchive('other', 'nothing');
    server.answer(PATH, whole(archive));
    assertMovedOn(await download(), /holds no temporal/);
    archive = await makeArchive('temporal', '#!/bin/sh\nexit 1\n');
    server.answer(PATH, whole(archive));
    assert.match(whyOf(await download(), RUNG), /did not work/);
  });

  it('says that nothing is published for a platform', async () => {
    const downloads = { temporal: sourceAt(server.url) };
    const platform = { os: 'linux', arch: 's390x' } as const;
    const climb = await climbed(
      temporalCliPart({ cache: machine.cache, env: machine.env, platform, downloads }),
    );
    assert.match(whyOf(climb, RUNG), /nothing is published for linux-s390x/);
  });
});
