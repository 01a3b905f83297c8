import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { cacheEntry, programPath } from '../../../tools/provision/cache';
import type { ArchiveSource } from '../../../tools/provision/download-archive';
import type { Part } from '../../../tools/provision/ladder';
import { mongodbPart } from '../../../tools/provision/mongodb.part';
import { temporalCliPart } from '../../../tools/provision/temporal-cli.part';
import { testServerPart } from '../../../tools/provision/test-server.part';
import { VERSIONS } from '../../../tools/provision/versions';
import {
  climbed,
  fakeMachine,
  MONGOD_SAYS,
  SECANTUS_SAYS,
  TEMPORAL_SAYS,
  whyOf,
  type FakeMachine,
} from '../../support/provision-harness';

// Goal: every rung but the download finds what it should, and says why when it does not.
// Method: the real ladders on a machine where only fake tools exist and nothing can be downloaded.
const PLATFORM = { os: 'linux', arch: 'x64' } as const;
const NOTHING: ArchiveSource = {
  url: 'http://127.0.0.1:9/none.tgz',
  version: '0.0.0',
  os: { linux: 'linux' },
  arch: { x64: 'x64' },
  member: 'none',
  sha256: { 'linux-x64': '0'.repeat(64) },
};
const DOWNLOADS = {
  temporal: NOTHING,
  mongodb: NOTHING,
  testServer: NOTHING,
  limits: { connectMs: 300, responseMs: 300, stallMs: 300 },
};
/** A package manager that leaves `$program` as its result in the folder that it was asked to fill. */
const leaves = (folder: string, program: string, says: string): string =>
  `mkdir -p "${dirname(`${folder}/${program}`)}"; printf '#!/bin/sh\\n%s\\n' '${says}' > "${folder}/${program}"; chmod +x "${folder}/${program}"`;

describe('the rungs of the ladder', () => {
  let machine: FakeMachine;
  beforeEach(() => (machine = fakeMachine()));
  afterEach(() => machine.remove());

  const options = (env: NodeJS.ProcessEnv = {}) => ({
    cache: machine.cache,
    env: { ...machine.env, ...env },
    platform: PLATFORM,
    downloads: DOWNLOADS,
  });
  const put = (file: string, says: string): string => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${says}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const foundBy = async (part: Part): Promise<{ rung: string; value: string; flavour: string }> => {
    const { result } = await climbed(part);
    assert.equal(result.outcome, 'found', JSON.stringify(result));
    return { rung: result.rung, value: result.found.value, flavour: result.found.flavour };
  };

  describe('environment variable', () => {
    it('takes the Temporal CLI that is named', async () => {
      const program = put(join(machine.folder, 'mine'), TEMPORAL_SAYS);
      const found = await foundBy(temporalCliPart(options({ STEADFILL_TEMPORAL_CLI: program })));
      assert.deepEqual(found, {
        rung: 'environment variable STEADFILL_TEMPORAL_CLI',
        value: program,
        flavour: 'temporal',
      });
    });

    it('stops when what is named will not do, rather than take something else', async () => {
      machine.addTool('temporal', TEMPORAL_SAYS);
      for (const [program, why] of [
        [join(machine.folder, 'absent'), /not an executable file/],
        [
          put(join(machine.folder, 'old'), 'echo "temporal version 1.0.0 (Server 1.20.0, UI 2)"'),
          /older than/,
        ],
        [put(join(machine.folder, 'broken'), 'exit 3'), /did not work/],
      ] as const) {
        const climb = await climbed(temporalCliPart(options({ STEADFILL_TEMPORAL_CLI: program })));
        assert.equal(climb.result.outcome, 'failed');
        assert.match(whyOf(climb, 'environment variable STEADFILL_TEMPORAL_CLI'), why);
        assert.equal(climb.result.attempts.length, 1);
      }
    });

    it('knows a MongoDB stand-in by its name', async () => {
      const program = put(join(machine.folder, 'secantusd-rs'), SECANTUS_SAYS);
      assert.equal(
        (await foundBy(mongodbPart(options({ STEADFILL_MONGOD: program })))).flavour,
        'secantusd-rs',
      );
    });

    it('takes a MongoDB that runs, and stops when it does not answer', async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address() as AddressInfo;
      const uri = `mongodb://user:secret@127.0.0.1:${port}/?replicaSet=rs0`;
      const found = await foundBy(mongodbPart(options({ MONGODB_URI: uri })));
      assert.deepEqual([found.flavour, found.value], ['external', uri]);
      await new Promise((done) => server.close(done));
      const climb = await climbed(mongodbPart(options({ MONGODB_URI: uri })));
      assert.match(whyOf(climb, 'environment variable MONGODB_URI'), /does not accept connections/);
      assert.doesNotMatch(JSON.stringify(climb), /secret/, 'no password in what is said');
      assert.equal(climb.result.attempts.length, 1);
    });

    it('is not asked for a running MongoDB by tests', async () => {
      machine.addTool('mongod', MONGOD_SAYS);
      const part = mongodbPart({ ...options({ MONGODB_URI: 'mongodb://127.0.0.1:9' }), acceptUri: false });
      assert.equal((await foundBy(part)).rung, 'PATH');
    });
  });

  describe('PATH', () => {
    it('takes what is new enough', async () => {
      machine.addTool('temporal', TEMPORAL_SAYS);
      machine.addTool('mongod', MONGOD_SAYS);
      machine.addTool('temporal-test-server', 'exit 0');
      assert.equal((await foundBy(temporalCliPart(options()))).rung, 'PATH');
      assert.equal((await foundBy(mongodbPart(options()))).flavour, 'mongod');
      assert.equal((await foundBy(testServerPart(options()))).rung, 'PATH');
    });

    it('leaves what is too old or too new', async () => {
      machine.addTool('mongod', 'echo "db version v4.4.0"');
      assert.match(whyOf(await climbed(mongodbPart(options())), 'PATH'), /4\.4\.0: older than/);
      machine.addTool('temporal', 'echo "temporal version 9 (Server 2.0.0, UI 3)"');
      assert.match(whyOf(await climbed(temporalCliPart(options())), 'PATH'), /newer than/);
    });
  });

  describe('cache', () => {
    it('takes what an earlier run installed, MongoDB itself before its stand-ins', async () => {
      const rust = cacheEntry('secantus-rust', VERSIONS.secantusRust, 'bin/secantusd-rs', PLATFORM);
      put(programPath(machine.cache, rust), SECANTUS_SAYS);
      assert.equal((await foundBy(mongodbPart(options()))).flavour, 'secantusd-rs');
      const real = cacheEntry('mongodb', NOTHING.version, 'none', PLATFORM);
      put(programPath(machine.cache, real), MONGOD_SAYS);
      assert.deepEqual(await foundBy(mongodbPart(options())).then(({ rung, flavour }) => [rung, flavour]), [
        'cache',
        'mongod',
      ]);
    });

    it('passes over what no longer works', async () => {
      const entry = cacheEntry('temporal-go', VERSIONS.temporalCli, 'temporal', PLATFORM);
      put(programPath(machine.cache, entry), 'exit 1');
      assert.match(whyOf(await climbed(temporalCliPart(options())), 'cache'), /did not work/);
    });
  });

  describe('package managers', () => {
    it('builds the Temporal CLI with Go, once', async () => {
      machine.addTool('go', leaves('$GOBIN', 'temporal', TEMPORAL_SAYS));
      assert.equal((await foundBy(temporalCliPart(options()))).rung, 'go install');
      assert.equal((await foundBy(temporalCliPart(options()))).rung, 'cache');
      assert.deepEqual(machine.callsOf('go'), ['install github.com/temporalio/cli/cmd/temporal@v1.5.1']);
      assert.deepEqual(readdirSync(join(machine.cache, 'staging')), []);
    });

    it('builds a MongoDB stand-in with cargo, and leaves no build folder', async () => {
      // The folder after --root is the last argument.
      machine.addTool(
        'cargo',
        `for root; do :; done; mkdir -p target; ${leaves('$root', 'bin/secantusd-rs', SECANTUS_SAYS)}`,
      );
      const found = await foundBy(mongodbPart(options()));
      assert.deepEqual([found.rung, found.flavour], ['cargo install', 'secantusd-rs']);
      const [call = ''] = machine.callsOf('cargo');
      assert.match(
        call,
        /^install secantus-mdb --locked --ignore-rust-version --version 0\.5\.3-beta\.193 --root /,
      );
      assert.deepEqual(readdirSync(dirname(dirname(found.value))), ['bin']);
    });

    it('falls back to Python when cargo fails, and says why', async () => {
      machine.addTool('cargo', 'echo "error: no network" >&2; exit 101');
      const python = leaves('venv/bin', 'python', SECANTUS_SAYS);
      machine.addTool('python3', python);
      const climb = await climbed(mongodbPart(options()));
      assert.match(whyOf(climb, 'cargo install'), /cargo install failed.*\n.*no network/);
      assert.ok(
        climb.result.outcome === 'found' && climb.result.found.flavour === 'secantusd-py',
        JSON.stringify(climb),
      );
    });

    it('fetches the test server with Maven', async () => {
      machine.addTool('java', 'exit 0');
      machine.addTool('mvn', 'mkdir lib && touch lib/temporal-test-server.jar');
      const found = await foundBy(testServerPart(options()));
      assert.deepEqual([found.rung, found.flavour], ['Maven', 'test-server-java']);
      assert.match(machine.callsOf('mvn')[0] ?? '', /maven-dependency-plugin:[\d.]+:copy-dependencies/);
    });

    it('moves on when the result is missing', async () => {
      machine.addTool('go', 'exit 0');
      assert.match(
        whyOf(await climbed(temporalCliPart(options())), 'go install'),
        /left no program temporal/,
      );
    });
  });

  it('takes only the program that can read the data of the home', async () => {
    machine.addTool('mongod', MONGOD_SAYS);
    const climb = await climbed(mongodbPart({ ...options(), flavour: 'secantusd-rs' }));
    assert.equal(climb.result.outcome, 'failed');
    assert.match(
      whyOf(climb, 'PATH'),
      /would give mongod, and the data in this home were written by secantusd-rs/,
    );
    assert.equal(whyOf(climb, 'cargo install'), 'no cargo on the PATH');
  });
});
