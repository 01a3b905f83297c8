/** One build of the order worker: what `build.json` in its folder says, and where that folder is. */
export interface BuildRecord {
  /** Digest of the workflow bundle and of the code that the worker runs: one id means one code. 16 hex digits. */
  buildId: string;
  /** The immutable snapshot of the sources, with `build.json` and the bundle in it. */
  dir: string;
  /** The workflow bundle, ready for `Worker.create` and for replay. */
  bundlePath: string;
  /** Digest of the sources alone, which is known without bundling. */
  sourceDigest: string;
  createdAt: string;
  /** The source tree that it was made from. */
  from: string;
  /** The commit that was checked out there, with `+` when files differed from it. */
  commit?: string;
}
