/** True when a process with this id runs and may be signalled by us. */
export function isProcessThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ESRCH') return false;
    if ((fault as NodeJS.ErrnoException).code === 'EPERM') return true;
    throw fault;
  }
}
