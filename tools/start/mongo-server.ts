/** How to start a MongoDB-protocol server: its arguments by flavour. All keep acknowledged writes through a kill. */
export interface MongoServerOptions {
  flavour: string;
  dataFolder: string;
  port: number;
  /** Bytes of cache, as the embedded default on a developer's machine. */
  cacheMegabytes?: number;
}

export const REPLICA_SET = 'steadfill';
const CACHE_MEGABYTES = 512;
const MEGABYTES_PER_GIGABYTE = 1_024;

/**
 * Arguments of the server. A real `mongod` journals what a write with `j: true` asks for; the stand-in needs
 * `--sync-on-commit` to keep what it acknowledged. Throws for an unknown flavour.
 */
export function mongoServerArgs({
  flavour,
  dataFolder,
  port,
  cacheMegabytes = CACHE_MEGABYTES,
}: MongoServerOptions): string[] {
  switch (flavour) {
    case 'mongod':
      return [
        ...['--dbpath', dataFolder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'],
        ...['--replSet', REPLICA_SET, '--quiet'],
        ...['--wiredTigerCacheSizeGB', String(Math.max(0.25, cacheMegabytes / MEGABYTES_PER_GIGABYTE))],
      ];
    case 'secantusd-rs':
      return [
        ...['--host', '127.0.0.1', '--port', String(port), '--storage-path', dataFolder, '--sync-on-commit'],
        ...['--log-level', 'WARNING', '--cache-size', `${cacheMegabytes}M`, '--log-file-max', '32MB'],
      ];
    case 'secantusd-py':
      return [
        ...['--host', '127.0.0.1', '--port', String(port), '--storage-path', dataFolder, '--sync-on-commit'],
        ...['--log-level', 'WARNING', '--cache-size', `${cacheMegabytes}M`],
      ];
    default:
      throw new Error(`unknown MongoDB flavour ${flavour}`);
  }
}

/** One server, addressed directly: the driver must not follow the host names of a replica set of one. */
export const mongoUriOf = (port: number): string => `mongodb://127.0.0.1:${port}/?directConnection=true`;
