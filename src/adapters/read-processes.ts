import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type ProcessRow, parseProcesses, psArguments } from './process-table.ts';

const ANSWER_MS = 5_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** Linux tells times to programs in hundredths of a second. */
const TICK_MS = 10;

/** All processes of this machine; undefined where `ps` is not there or does not answer. Never rejects. */
export function readProcesses(signal: AbortSignal): Promise<readonly ProcessRow[] | undefined> {
  return new Promise((resolve) => {
    execFile(
      'ps',
      psArguments(process.platform),
      { env: { LC_ALL: 'C' }, signal, timeout: ANSWER_MS, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES },
      (error, stdout) => resolve(error === null ? parseProcesses(stdout) : undefined),
    );
  });
}

/** CPU time of these processes and of their children that have ended, as exactly as the system tells it. */
export async function cpuTimeOf(processes: readonly ProcessRow[]): Promise<number> {
  if (process.platform !== 'linux') return processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const times = await Promise.all(processes.map(({ pid }) => linuxCpuMs(pid)));
  return times.reduce((sum, ms) => sum + ms, 0);
}

/** Fields 14 to 17 of proc_pid_stat(5): user and system time, its own and that of children it has waited for. */
async function linuxCpuMs(pid: number): Promise<number> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0);
  } catch {
    return 0; // It has ended; its parent has its time.
  }
}
