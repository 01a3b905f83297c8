import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { resolveArchive } from '../../../tools/provision/download-archive';
import { currentPlatform, mongodbDistribution, parseOsRelease } from '../../../tools/provision/platform';
import { processStartedAt } from '../../../tools/provision/process-lock.mjs';
import { runCommand } from '../../../tools/provision/run-command';
import { eventually } from '../../support/eventually';
import { compareVersions } from '../../../tools/provision/versions-compare';
import {
  MONGODB_LINUX_ARCHIVE,
  MONGODB_MACOS_ARCHIVE,
  TEMPORAL_CLI_ARCHIVE,
  TEST_SERVER_ARCHIVE,
} from '../../../tools/provision/versions';

const linux = (id: string, version: string, like = '', arch = 'x64') =>
  ({ os: 'linux', arch, distribution: { id, version, like } }) as const;

describe('platforms', () => {
  it('reads os-release', () => {
    const text = 'NAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\n';
    assert.deepEqual(parseOsRelease(text), { id: 'ubuntu', version: '22.04', like: 'debian' });
    assert.equal(currentPlatform('/no/such/file').os, process.platform);
  });

  it('names the MongoDB archive of a distribution', () => {
    for (const [platform, expected] of [
      [linux('ubuntu', '24.04'), 'ubuntu2404'],
      [linux('ubuntu', '22.04'), 'ubuntu2204'],
      [linux('debian', '12'), 'debian12'],
      [linux('debian', '12', '', 'arm64'), 'ubuntu2204'],
      [linux('debian', '10'), undefined],
      [linux('rocky', '9.3', 'rhel centos fedora'), 'rhel93'],
      [linux('amzn', '2023', 'fedora'), 'amazon2023'],
      [linux('linuxmint', '21', 'ubuntu debian'), 'ubuntu2204'],
      [linux('alpine', '3.20'), undefined],
    ] as const) {
      assert.equal(mongodbDistribution(platform), expected, JSON.stringify(platform));
    }
  });

  it('fills the address of an archive for each platform it is published for', () => {
    const urlOf = (answer: ReturnType<typeof resolveArchive>): string =>
      'archive' in answer ? answer.archive.url : answer.unavailable;
    assert.equal(
      urlOf(resolveArchive(TEMPORAL_CLI_ARCHIVE, { os: 'darwin', arch: 'arm64' })),
      'https://github.com/temporalio/cli/releases/download/v1.5.1/temporal_cli_1.5.1_darwin_arm64.tar.gz',
    );
    assert.equal(
      urlOf(resolveArchive(MONGODB_LINUX_ARCHIVE, { os: 'linux', arch: 'arm64' }, 'ubuntu2204')),
      'https://fastdl.mongodb.org/linux/mongodb-linux-aarch64-ubuntu2204-8.0.17.tgz',
    );
    assert.equal(
      urlOf(resolveArchive(MONGODB_MACOS_ARCHIVE, { os: 'darwin', arch: 'arm64' })),
      'https://fastdl.mongodb.org/osx/mongodb-macos-arm64-8.0.17.tgz',
    );
    assert.match(urlOf(resolveArchive(MONGODB_LINUX_ARCHIVE, linux('alpine', '3'))), /this distribution/);
    assert.match(
      urlOf(resolveArchive(TEST_SERVER_ARCHIVE, { os: 'darwin', arch: 'arm64' })),
      /no checksum is known/,
    );
  });

  it('compares versions by number', () => {
    assert.ok(compareVersions('1.29.1', '1.5.1') > 0);
    assert.ok(compareVersions('1.5.1', '1.5.1') === 0);
    assert.ok(compareVersions('1.5', '1.5.1') < 0);
    assert.ok(compareVersions('0.5.3-beta.193', '0.5.3') === 0);
  });
});

describe('running a command', () => {
  const signal = new AbortController().signal;

  it('tells a missing program, a failure and a time limit apart', async () => {
    const why = async (command: string, args: string[], timeLimitMs = 5_000): Promise<string> => {
      const result = await runCommand(command, args, { signal, timeLimitMs });
      return result.ok ? 'ok' : result.why;
    };
    assert.equal(await why('steadfill-no-such-program', []), 'absent');
    assert.equal(await why('sh', ['-c', 'exit 4']), 'failed');
    assert.equal(await why('sh', ['-c', 'sleep 60'], 100), 'timeLimit');
    assert.equal(await why('true', []), 'ok');
  });

  it('ends what the command has started, when it is given up', async () => {
    const asked = new AbortController();
    let grandchild = 0;
    const onLine = (line: string): void => {
      grandchild = Number(line);
      asked.abort();
    };
    const result = await runCommand('sh', ['-c', 'sleep 60 & echo $!; wait'], {
      signal: asked.signal,
      timeLimitMs: 5_000,
      onLine,
    });
    assert.equal(!result.ok && result.why, 'aborted');
    await eventually(async () => (await processStartedAt(grandchild)) === undefined, {
      what: 'the end of sleep',
    });
  });
});
