import type { ArchiveSource } from './download-archive';

/**
 * Every version, address and checksum of what Steadfill provisions, in one place. In an address `{version}`, `{os}`,
 * `{arch}` and `{distro}` stand for what `platform.ts` finds, spelled as the publisher spells it.
 */
export const VERSIONS = {
  /** Newer tags cannot be built with `go install`, because their go.mod holds a `replace`. */
  temporalCli: '1.5.1',
  /** Accepted elsewhere: at least the server inside the pinned one, and below the next major version. */
  temporalServerMinimum: '1.29.1',
  temporalServerBelow: '2.0.0',
  mongodb: '8.0.17',
  mongodbMinimum: '6.0.0',
  secantusRust: '0.5.3-beta.193',
  secantusPython: '0.7.0b3',
  testServerMaven: '1.32.0',
  testServerArchive: '1.38.0',
  mavenDependencyPlugin: '3.6.1',
  prometheus: '3.5.0',
  /** What Debian 12 has; the rules use nothing newer. */
  promtoolMinimum: '2.42.0',
  /** The newest whose checksums are pinned here. */
  k6: '1.4.2',
  k6Minimum: '1.0.0',
  k6Below: '2.0.0',
  toxiproxy: '2.12.0',
} as const;

export const TEMPORAL_CLI_ARCHIVE: ArchiveSource = {
  url: 'https://github.com/temporalio/cli/releases/download/v{version}/temporal_cli_{version}_{os}_{arch}.tar.gz',
  version: VERSIONS.temporalCli,
  os: { linux: 'linux', darwin: 'darwin' },
  arch: { x64: 'amd64', arm64: 'arm64' },
  member: 'temporal',
  sha256: {
    'linux-x64': 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
    'linux-arm64': 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
    'darwin-x64': 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
    'darwin-arm64': 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
  },
};

/** MongoDB publishes a checksum file beside each archive; it stands in where no checksum is pinned. */
export const MONGODB_LINUX_ARCHIVE: ArchiveSource = {
  url: 'https://fastdl.mongodb.org/linux/mongodb-linux-{arch}-{distro}-{version}.tgz',
  version: VERSIONS.mongodb,
  os: { linux: 'linux' },
  arch: { x64: 'x86_64', arm64: 'aarch64' },
  member: 'mongod',
  checksumUrl: 'https://fastdl.mongodb.org/linux/mongodb-linux-{arch}-{distro}-{version}.tgz.sha256',
  sha256: {},
};

export const MONGODB_MACOS_ARCHIVE: ArchiveSource = {
  url: 'https://fastdl.mongodb.org/osx/mongodb-macos-{arch}-{version}.tgz',
  version: VERSIONS.mongodb,
  os: { darwin: 'macos' },
  arch: { x64: 'x86_64', arm64: 'arm64' },
  member: 'mongod',
  checksumUrl: 'https://fastdl.mongodb.org/osx/mongodb-macos-{arch}-{version}.tgz.sha256',
  sha256: {},
};

/** Only platforms with a pinned checksum are downloaded, because no checksum file is published beside the archive. */
export const TEST_SERVER_ARCHIVE: ArchiveSource = {
  url:
    'https://github.com/temporalio/sdk-java/releases/download/v{version}/' +
    'temporal-test-server_{version}_{os}_{arch}.tar.gz',
  version: VERSIONS.testServerArchive,
  os: { linux: 'linux', darwin: 'macOS' },
  arch: { x64: 'amd64', arm64: 'arm64' },
  member: 'temporal-test-server',
  sha256: { 'linux-x64': '41df834fe8e1ac59619e13908f41b63e4d1054f37634a2f89033d8cf6af71b96' },
};

/** Prometheus publishes one checksum file for all archives of a release. */
export const PROMETHEUS_ARCHIVE: ArchiveSource = {
  url:
    'https://github.com/prometheus/prometheus/releases/download/v{version}/' +
    'prometheus-{version}.{os}-{arch}.tar.gz',
  version: VERSIONS.prometheus,
  os: { linux: 'linux', darwin: 'darwin' },
  arch: { x64: 'amd64', arm64: 'arm64' },
  member: 'promtool',
  checksumUrl: 'https://github.com/prometheus/prometheus/releases/download/v{version}/sha256sums.txt',
  sha256: {},
};

/** For macOS only zip archives are published, so there the ladder goes on to the build. */
export const K6_ARCHIVE: ArchiveSource = {
  url: 'https://github.com/grafana/k6/releases/download/v{version}/k6-v{version}-{os}-{arch}.tar.gz',
  version: VERSIONS.k6,
  os: { linux: 'linux' },
  arch: { x64: 'amd64', arm64: 'arm64' },
  member: 'k6',
  sha256: {
    'linux-x64': 'c827501f510265db9c3313e4164d2585a97c7a3485ed440b93f7b1cfe6facd28',
    'linux-arm64': '0e9515502f80edb562f12c0b12a59085c0b113c6416d728e3c2a9e5a7506cc5c',
  },
};

export const TOXIPROXY_ARCHIVE: ArchiveSource = {
  url:
    'https://github.com/Shopify/toxiproxy/releases/download/v{version}/' +
    'toxiproxy_{version}_{os}_{arch}.tar.gz',
  version: VERSIONS.toxiproxy,
  os: { linux: 'linux', darwin: 'darwin' },
  arch: { x64: 'amd64', arm64: 'arm64' },
  member: 'toxiproxy-server',
  sha256: {
    'linux-x64': '65e042d3fc2290c099527bc506446a6fd863a09f113b8944b636ece70221c2b3',
    'linux-arm64': 'ab417dafc77ae8b54ec8461cc5da5180d0465a61dcbda86c72da72ee4ab843b7',
    'darwin-x64': '52ac1f99d7204b4b523f910b791bc86318b50ef94822c79a6157606704003ced',
    'darwin-arm64': 'cece3905c06ad84d6b3bb4cd024c344e6466736b2a8cbaf9ef4fe45e62aba9b2',
  },
};

/** What package managers are asked for. */
export const PACKAGES = {
  temporalCliGo: `github.com/temporalio/cli/cmd/temporal@v${VERSIONS.temporalCli}`,
  prometheusDebian: 'prometheus',
  chromiumDebian: 'chromium',
  k6Go: `go.k6.io/k6@v${VERSIONS.k6}`,
  toxiproxyGo: `github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSIONS.toxiproxy}`,
  secantusCrate: 'secantus-mdb',
  secantusPython: `SecantusDB==${VERSIONS.secantusPython}`,
  testServerMaven: {
    group: 'io.temporal',
    artifact: 'temporal-test-server',
    version: VERSIONS.testServerMaven,
  },
  mavenDependencyPlugin: `org.apache.maven.plugins:maven-dependency-plugin:${VERSIONS.mavenDependencyPlugin}`,
} as const;
