import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../runner/spec.ts';
import { hasCode } from './durable-file.ts';

const run = promisify(execFile);

/** Where a process is, seen from here; `not known`: the system could not be asked, so it may be alive. */
export type Liveness = 'alive' | 'gone' | 'other boot' | 'other host' | 'not known';

/** Names the running system: it changes when the machine starts anew. */
export async function bootId(): Promise<string> {
  if (process.platform === 'linux') return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const { stdout } = await run('sysctl', ['-n', 'kern.bootsessionuuid']);
  return stdout.trim();
}

/**
 * When a process started, as the system tells it; undefined where there is no such process.
 *
 * @throws the system's error if it can't be asked: that proves nothing.
 */
export async function processStartTime(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') return linuxStartTime(await readFile(`/proc/${pid}/stat`, 'utf8'));
    const { stdout } = await run('ps', ['-o', 'lstart=,stat=', '-p', String(pid)], { env: { LC_ALL: 'C', TZ: 'UTC' } });
    const found = /^(.*\S)\s+(\S+)\s*$/.exec(stdout);
    return found === null || found[2]?.startsWith('Z') ? undefined : found[1];
  } catch (error) {
    if (saysThereIsNone(error)) return undefined;
    throw error;
  }
}

/** A process may end between the opening of its file and the reading. `ps` says nothing of one that is not there. */
function saysThereIsNone(error: unknown): boolean {
  if (process.platform === 'linux') return hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH');
  const { code, stdout, stderr } = error as { code?: unknown; stdout?: unknown; stderr?: unknown };
  return code === 1 && stdout === '' && stderr === '';
}

/**
 * Whether no process has this pid here; a zombie is none. A process that may not be seen is one all the same, and so is
 * one that can't be asked about.
 */
export async function isPidFree(pid: number): Promise<boolean> {
  try {
    if ((await processStartTime(pid)) !== undefined) return false;
    return process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

/**
 * Identifies a process of this machine; undefined where there is none with this pid.
 *
 * @throws the system's error if it can't be asked.
 */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const [startTime, boot] = await Promise.all([processStartTime(pid), bootId()]);
  return startTime === undefined ? undefined : { pid, startTime, bootId: boot, host: hostname() };
}

/**
 * Identifies the process that asks.
 *
 * @throws {Error} if the system does not tell its start time; the system's error if it can't be asked.
 */
export async function identifySelf(): Promise<ProcessIdentity> {
  const identity = await identify(process.pid);
  if (identity === undefined) throw new Error('the system does not tell when this process started');
  return identity;
}

type Machine = Pick<ProcessIdentity, 'host' | 'bootId'>;

/**
 * Whether what was written down of a machine is of this one and of its present boot. Pure.
 *
 * On macOS one boot id is one machine, whatever its name: where none is set, it takes the name from the network. On Linux
 * containers share the boot id, and see nothing of each other's processes.
 */
export function placeSeenFrom(
  here: Machine & { readonly platform: NodeJS.Platform },
  { host, bootId: boot }: Machine,
): 'here' | 'other boot' | 'other host' {
  if (here.platform === 'darwin' && boot === here.bootId) return 'here';
  if (host !== here.host) return 'other host';
  return boot === here.bootId ? 'here' : 'other boot';
}

/** @throws the system's error if its boot can't be told. */
export async function placeOf(machine: Machine): Promise<ReturnType<typeof placeSeenFrom>> {
  return placeSeenFrom({ platform: process.platform, host: hostname(), bootId: await bootId() }, machine);
}

/** Whether the very process is there: the same pid, start time, boot and host; a zombie is gone. */
export async function livenessOf(identity: ProcessIdentity): Promise<Liveness> {
  try {
    const place = await placeOf(identity);
    if (place !== 'here') return place;
    return (await processStartTime(identity.pid)) === identity.startTime ? 'alive' : 'gone';
  } catch {
    return 'not known';
  }
}

/** Whether the very process is alive on this machine. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await livenessOf(identity)) === 'alive';
}

/** Whether the very process may be alive on this machine: it is, or the system can't be asked just now. */
export async function mayBeAlive(identity: ProcessIdentity): Promise<boolean> {
  const liveness = await livenessOf(identity);
  return liveness === 'alive' || liveness === 'not known';
}

/** Whether the pid of a process that is gone is proven to belong to another one now. */
export async function isReused(identity: ProcessIdentity): Promise<boolean> {
  try {
    if ((await placeOf(identity)) !== 'here') return false;
    const startTime = await processStartTime(identity.pid);
    return startTime !== undefined && startTime !== identity.startTime;
  } catch {
    return false;
  }
}

/** Fields 3 (state) and 22 (start time) of proc_pid_stat(5); the name before them may hold anything, `)` too. */
function linuxStartTime(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}
