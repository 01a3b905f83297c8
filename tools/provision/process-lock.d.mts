/** A process that holds a lock or was recorded: its id and when it started. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}
export interface HeldLock {
  release(): Promise<void>;
}
export interface RefusedLock {
  heldBy: ProcessIdentity;
}
export interface LockOptions {
  /** How long to wait for the holder; 0 by default. */
  waitMs?: number;
  onWait?: (holder: ProcessIdentity) => void;
}
export function processStartedAt(pid: number): Promise<string | undefined>;
export function isRunning(process: ProcessIdentity): Promise<boolean>;
export function lockHolder(file: string): Promise<ProcessIdentity | undefined>;
export function acquireLock(file: string, options?: LockOptions): Promise<HeldLock | RefusedLock>;
