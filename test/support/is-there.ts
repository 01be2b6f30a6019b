import { existsSync, readFileSync } from 'node:fs';

/** Whether a process is there and is no zombie; where there is no /proc, a zombie counts as there. */
export function isThere(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  try {
    process.kill(pid, 0);
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'latin1'));
  } catch {
    return false;
  }
}
