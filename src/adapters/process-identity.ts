import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../runner/spec.ts';

const run = promisify(execFile);

/** Where a process is, seen from here. */
export type Liveness = 'alive' | 'gone' | 'other boot' | 'other host';

/** Names the running system: it changes when the machine starts anew. */
export async function bootId(): Promise<string> {
  if (process.platform === 'linux') return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const { stdout } = await run('sysctl', ['-n', 'kern.bootsessionuuid']);
  return stdout.trim();
}

/** When a process started, as the system tells it; undefined where there is no such process. */
export async function processStartTime(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') return linuxStartTime(await readFile(`/proc/${pid}/stat`, 'utf8'));
    const { stdout } = await run('ps', ['-o', 'lstart=,stat=', '-p', String(pid)], { env: { LC_ALL: 'C', TZ: 'UTC' } });
    const found = /^(.*\S)\s+(\S+)\s*$/.exec(stdout);
    return found === null || found[2]?.startsWith('Z') ? undefined : found[1];
  } catch {
    return undefined;
  }
}

/** Whether no process has this pid here; a zombie is none. A process that may not be seen is one all the same. */
export async function isPidFree(pid: number): Promise<boolean> {
  if ((await processStartTime(pid)) !== undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Identifies a process of this machine; undefined where there is none with this pid. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const [startTime, boot] = await Promise.all([processStartTime(pid), bootId()]);
  return startTime === undefined ? undefined : { pid, startTime, bootId: boot, host: hostname() };
}

/**
 * Identifies the process that asks.
 *
 * @throws {Error} if the system does not tell its start time.
 */
export async function identifySelf(): Promise<ProcessIdentity> {
  const identity = await identify(process.pid);
  if (identity === undefined) throw new Error('the system does not tell when this process started');
  return identity;
}

/** Whether the very process is there: the same pid, start time, boot and host; a zombie is gone. */
export async function livenessOf(identity: ProcessIdentity): Promise<Liveness> {
  if (identity.host !== hostname()) return 'other host';
  if (identity.bootId !== (await bootId())) return 'other boot';
  return (await processStartTime(identity.pid)) === identity.startTime ? 'alive' : 'gone';
}

/** Whether the very process is alive on this machine. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await livenessOf(identity)) === 'alive';
}

/** Whether the pid of a process that is gone belongs to another one now. */
export async function isReused(identity: ProcessIdentity): Promise<boolean> {
  if (identity.host !== hostname() || identity.bootId !== (await bootId())) return false;
  const startTime = await processStartTime(identity.pid);
  return startTime !== undefined && startTime !== identity.startTime;
}

/** Fields 3 (state) and 22 (start time) of proc_pid_stat(5); the name before them may hold anything, `)` too. */
function linuxStartTime(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}
