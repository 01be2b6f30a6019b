import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Linux counts a process's time in hundredths of a second (`USER_HZ`). */
const TICK_MS = 10;

/** CPU time that a process has used, in milliseconds: in steps of 10 on Linux, else in those of `ps`. */
export function cpuMs(pid: number): number {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(afterName[11]) + Number(afterName[12])) * TICK_MS;
  } catch {
    const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text.split(/[-:]/).reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
  }
}

/** Resident memory in MB. */
export function memoryMb(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
}
