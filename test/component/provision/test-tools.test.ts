import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { chromiumPart } from '../../../tools/provision/chromium.part';
import type { ArchiveSource } from '../../../tools/provision/download-archive';
import { promtoolPart } from '../../../tools/provision/promtool.part';
import { provision, ProvisioningError } from '../../../tools/provision/provision';
import { makeArchive, sha256, startArchiveServer, whole } from '../../support/archive-server';
import { climbed, fakeMachine, whyOf, type FakeMachine } from '../../support/provision-harness';

// Goal: the programs that only tests need are found where they are, and their absence stops nobody.
// Method: the real ladders on a machine where only fake tools exist and nothing can be downloaded.
const PLATFORM = { os: 'linux', arch: 'x64' } as const;
const PROMTOOL_SAYS = 'echo "promtool, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5)"';
const CHROMIUM_SAYS = 'echo "Chromium 150.0.7871.100 built on Debian"';
const NOTHING: ArchiveSource = {
  url: 'http://127.0.0.1:9/none.tar.gz',
  version: '0.0.0',
  os: { linux: 'linux' },
  arch: { x64: 'x64' },
  member: 'promtool',
  sha256: { 'linux-x64': '0'.repeat(64) },
};
const LIMITS = { connectMs: 300, responseMs: 300, stallMs: 300 };

describe('programs that only tests need', () => {
  let machine: FakeMachine;
  beforeEach(() => (machine = fakeMachine()));
  afterEach(() => machine.remove());

  const options = (env: NodeJS.ProcessEnv = {}, prometheus = NOTHING) => ({
    cache: machine.cache,
    env: { ...machine.env, ...env },
    platform: PLATFORM,
    downloads: { prometheus, limits: LIMITS },
  });
  const put = (name: string, says: string): string => {
    const file = join(machine.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${says}\n`);
    chmodSync(file, 0o755);
    return file;
  };

  describe('promtool', () => {
    it('is the one that is named, or none', async () => {
      const good = await climbed(promtoolPart(options({ STEADFILL_PROMTOOL: put('mine', PROMTOOL_SAYS) })));
      assert.ok(good.result.outcome === 'found' && good.result.found.version === '2.42.0');
      const old = put('old', 'echo "promtool, version 2.30.0"');
      const bad = await climbed(promtoolPart(options({ STEADFILL_PROMTOOL: old })));
      assert.match(whyOf(bad, 'environment variable STEADFILL_PROMTOOL'), /2\.30\.0: older than 2\.42\.0/);
      assert.equal(bad.result.attempts.length, 1);
    });

    it('comes from the PATH, or from the official archive with its published checksum', async () => {
      const server = await startArchiveServer();
      try {
        const archive = await makeArchive('promtool', `#!/bin/sh\n${PROMTOOL_SAYS}\n`);
        server.answer('/prometheus-3.5.0.linux-amd64.tar.gz', whole(archive));
        const sums = `${'0'.repeat(64)}  prometheus-3.5.0.linux-arm64.tar.gz\n${sha256(archive)}  prometheus-3.5.0.linux-amd64.tar.gz\n`;
        server.answer('/sha256sums.txt', whole(Buffer.from(sums)));
        const source: ArchiveSource = {
          ...NOTHING,
          url: `${server.url}/prometheus-{version}.{os}-{arch}.tar.gz`,
          version: '3.5.0',
          arch: { x64: 'amd64' },
          checksumUrl: `${server.url}/sha256sums.txt`,
          sha256: {},
        };
        const fetched = await climbed(promtoolPart(options({}, source)));
        assert.ok(fetched.result.outcome === 'found' && fetched.result.rung === 'official download');
        const again = await climbed(promtoolPart(options({}, source)));
        assert.ok(again.result.outcome === 'found' && again.result.rung === 'cache');
      } finally {
        await server.close();
      }
      machine.addTool('promtool', PROMTOOL_SAYS);
      const onPath = await climbed(promtoolPart(options()));
      assert.ok(onPath.result.outcome === 'found' && onPath.result.rung === 'PATH');
    });

    it("comes out of the distribution's package, without anything being installed", async () => {
      machine.addTool('apt-get', 'touch prometheus_2.42.0_amd64.deb');
      const program = `printf '#!/bin/sh\\n%s\\n' '${PROMTOOL_SAYS}' > "$3/usr/bin/promtool"; chmod +x "$3/usr/bin/promtool"`;
      machine.addTool('dpkg-deb', `mkdir -p "$3/usr/bin"; ${program}; touch "$3/usr/bin/prometheus"`);
      const { result } = await climbed(promtoolPart(options()));
      assert.ok(result.outcome === 'found' && result.rung === 'apt-get download', JSON.stringify(result));
      assert.deepEqual(machine.callsOf('apt-get'), ['download prometheus']);
      assert.deepEqual(readdirSync(dirname(result.found.value)), ['promtool'], 'and nothing else is kept');
      const again = await climbed(promtoolPart(options()));
      assert.ok(again.result.outcome === 'found' && again.result.rung === 'cache');
    });

    it('says why when the package lists do not have it', async () => {
      machine.addTool('apt-get', 'echo "E: Unable to locate package prometheus" >&2; exit 100');
      machine.addTool('dpkg-deb', 'exit 0');
      const climb = await climbed(promtoolPart(options()));
      assert.match(whyOf(climb, 'apt-get download'), /Unable to locate package/);
      assert.equal(climb.result.outcome, 'failed');
    });
  });

  describe('Chromium', () => {
    it('is the one that is named, or one of the names on the PATH', async () => {
      const named = chromiumPart(options({ STEADFILL_CHROMIUM: put('browser', CHROMIUM_SAYS) }));
      const { result } = await climbed(named);
      assert.ok(result.outcome === 'found' && result.found.version === '150.0.7871.100');
      machine.addTool('google-chrome', 'echo "Google Chrome 131.0.6778.85"');
      const found = (await climbed(chromiumPart(options()))).result;
      assert.ok(found.outcome === 'found' && found.rung === 'PATH (google-chrome)', JSON.stringify(found));
    });

    it('is installed only where this account may', async () => {
      machine.addTool('apt-get', 'exit 0');
      const user = await climbed(chromiumPart({ ...options(), isRoot: false }));
      assert.equal(whyOf(user, 'apt-get install'), 'needs root');
      assert.deepEqual(machine.callsOf('apt-get'), []);
      const tools = machine.env['PATH'] ?? '';
      const program = `printf '#!/bin/sh\\n%s\\n' '${CHROMIUM_SAYS}' > ${tools}/chromium; chmod +x ${tools}/chromium`;
      machine.addTool('apt-get', `[ "$1" = update ] || { ${program}; }`);
      const { result } = await climbed(chromiumPart({ ...options(), isRoot: true }));
      assert.ok(result.outcome === 'found' && result.rung === 'apt-get install', JSON.stringify(result));
      assert.deepEqual(
        machine.callsOf('apt-get').map((call) => call.split(' ')[0]),
        ['update', 'install'],
      );
    });

    it('says why an installation failed', async () => {
      machine.addTool('apt-get', 'echo "E: no network" >&2; exit 100');
      const climb = await climbed(chromiumPart({ ...options(), isRoot: true }));
      assert.match(whyOf(climb, 'apt-get install'), /apt-get update failed: E: no network/);
    });
  });

  it('are done without where they cannot be had, and the user is told why', async () => {
    const lines: string[] = [];
    const env = {
      PATH: '',
      XDG_CACHE_HOME: machine.cache,
      STEADFILL_CHROMIUM: join(machine.folder, 'absent'),
    };
    const output = { isTTY: false, line: (text: string) => void lines.push(text) };
    const found = await provision({ parts: ['chromium'], env, output });
    assert.equal(found.chromium, undefined);
    assert.match(lines.join('\n'), /Chromium could not be provisioned[\s\S]*not an executable file/);
    const needed = { ...env, STEADFILL_TEMPORAL_CLI: join(machine.folder, 'absent') };
    await assert.rejects(
      provision({ parts: ['temporal', 'chromium'], env: needed, output }),
      (fault: unknown) => {
        assert.ok(fault instanceof ProvisioningError);
        assert.deepEqual(fault.failed, ['temporal']);
        return true;
      },
    );
  });
});
