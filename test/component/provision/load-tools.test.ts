import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { cacheEntry, programPath } from '../../../tools/provision/cache';
import type { ArchiveSource } from '../../../tools/provision/download-archive';
import { k6Part } from '../../../tools/provision/k6.part';
import type { Part } from '../../../tools/provision/ladder';
import { toxiproxyPart } from '../../../tools/provision/toxiproxy.part';
import { K6_ARCHIVE, TOXIPROXY_ARCHIVE, VERSIONS } from '../../../tools/provision/versions';
import {
  makeArchive,
  sha256,
  startArchiveServer,
  whole,
  type ArchiveServer,
} from '../../support/archive-server';
import { climbed, fakeMachine, whyOf, type FakeMachine } from '../../support/provision-harness';

// Goal: the programs of load tests come by the same ladder as all others, and each rung says why it moved on.
// Method: the real ladders on a machine where only fake tools exist, and a publisher on this machine.
const PLATFORM = { os: 'linux', arch: 'x64' } as const;
const K6_SAYS = 'echo "k6 v1.4.2 (go1.26.8, linux/amd64)"';
const TOXIPROXY_SAYS = 'echo "toxiproxy-server version git"';
const LIMITS = { connectMs: 300, responseMs: 300, stallMs: 300 };

describe('the ladders of the load tools', () => {
  let machine: FakeMachine;
  let server: ArchiveServer;
  beforeEach(async () => {
    machine = fakeMachine();
    server = await startArchiveServer();
  });
  afterEach(async () => {
    await server.close();
    machine.remove();
  });

  const local = (source: ArchiveSource, digest: string): ArchiveSource => ({
    ...source,
    url: `${server.url}/archive.tgz`,
    sha256: { 'linux-x64': digest },
  });
  const options = (env: NodeJS.ProcessEnv = {}, digest = '0'.repeat(64)) => ({
    cache: machine.cache,
    env: { ...machine.env, ...env },
    platform: PLATFORM,
    downloads: {
      k6: local(K6_ARCHIVE, digest),
      toxiproxy: local(TOXIPROXY_ARCHIVE, digest),
      limits: LIMITS,
    },
  });
  const put = (file: string, says: string): string => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${says}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const rungOf = async (part: Part): Promise<string> => {
    const { result } = await climbed(part);
    assert.equal(result.outcome, 'found', JSON.stringify(result));
    return result.rung;
  };

  const PARTS = [
    { name: 'k6', part: k6Part, program: 'k6', says: K6_SAYS, variable: 'STEADFILL_K6' },
    {
      name: 'toxiproxy',
      part: toxiproxyPart,
      program: 'toxiproxy-server',
      says: TOXIPROXY_SAYS,
      variable: 'STEADFILL_TOXIPROXY',
    },
  ] as const;

  for (const { name, part, program, says, variable } of PARTS) {
    it(`takes the ${name} that is named, and stops when it will not do`, async () => {
      machine.addTool(program, says);
      const mine = put(join(machine.folder, 'mine'), says);
      assert.equal(await rungOf(part(options({ [variable]: mine }))), `environment variable ${variable}`);
      const broken = put(join(machine.folder, 'broken'), 'echo something else');
      const climb = await climbed(part(options({ [variable]: broken })));
      assert.match(whyOf(climb, `environment variable ${variable}`), /named no version/);
      assert.equal(climb.result.attempts.length, 1, 'nothing else is taken silently');
    });

    it(`finds ${name} on the PATH and in the cache`, async () => {
      const entry = cacheEntry(`${name}-go`, VERSIONS[name], program, PLATFORM);
      put(programPath(machine.cache, entry), says);
      assert.equal(await rungOf(part(options())), 'cache');
      machine.addTool(program, says);
      assert.equal(await rungOf(part(options())), 'PATH');
    });

    it(`downloads ${name} and verifies it`, async () => {
      const archive = await makeArchive(program, `#!/bin/sh\n${says}\n`);
      server.answer('/archive.tgz', whole(archive));
      assert.match(whyOf(await climbed(part(options())), 'official download'), /wrong checksum/);
      assert.equal(await rungOf(part(options({}, sha256(archive)))), 'official download');
      assert.equal(await rungOf(part(options())), 'cache');
    });

    it(`builds ${name} with Go, once`, async () => {
      const built = name === 'k6' ? 'k6' : 'server';
      machine.addTool(
        'go',
        `printf '#!/bin/sh\\n%s\\n' '${says}' > "$GOBIN/${built}"; chmod +x "$GOBIN/${built}"`,
      );
      assert.equal(await rungOf(part(options())), 'go install');
      assert.equal(await rungOf(part(options())), 'cache');
      assert.equal(machine.callsOf('go').length, 1);
      assert.match(machine.callsOf('go')[0] ?? '', new RegExp(`^install \\S+@v${VERSIONS[name]}$`));
    });
  }

  it('leaves a k6 that is too old or too new, and has no archive for macOS', async () => {
    machine.addTool('k6', 'echo "k6 v0.52.0 (go1.22.4, linux/amd64)"');
    assert.match(whyOf(await climbed(k6Part(options())), 'PATH'), /0\.52\.0: older than/);
    machine.addTool('k6', 'echo "k6 v2.0.0 (go1.30, linux/amd64)"');
    assert.match(whyOf(await climbed(k6Part(options())), 'PATH'), /newer than what is known/);
    const onMac = k6Part({ ...options(), platform: { os: 'darwin', arch: 'arm64' } });
    assert.match(whyOf(await climbed(onMac), 'official download'), /nothing is published for darwin-arm64/);
  });
});
