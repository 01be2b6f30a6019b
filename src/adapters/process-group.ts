import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { hasCode } from './durable-file.ts';

const POLL_MS = 10;
const POLLS_PER_SCAN = 5;

/** The processes that a command started and that did not make themselves a session of their own. */
export interface ProcessGroup {
  /** Sends a signal to all of them that can be told; those that are gone are no error. */
  signal(signal: NodeJS.Signals): void;
  /**
   * The pids of those that are there; zombies are not.
   *
   * @throws the system's error if it can't be told.
   */
  members(): readonly number[];
  /** Waits until none is there, at most so long; false: not proven. */
  goneWithin(timeoutMs: number): Promise<boolean>;
}

type Member = { readonly pid: number; readonly group: number };

/**
 * The group that `leader` leads and, where the system tells (Linux), every other group of its session: an interactive
 * shell puts each job into a group of its own.
 */
export function processGroup(leader: number): ProcessGroup {
  const members = () => (process.platform === 'linux' ? linuxMembers(leader) : otherMembers(leader));
  /** None where they can't be told: as without a free descriptor. */
  const groups = () => {
    try {
      return new Set(members().map((member) => member.group));
    } catch {
      return new Set<number>();
    }
  };
  const isGone = (thorough: boolean): boolean => {
    try {
      if (thorough) return members().length === 0;
    } catch {
      return false;
    }
    // Elsewhere the group is all that can be told, so its absence is the proof.
    return process.platform !== 'linux' && !groupExists(leader);
  };
  return {
    signal(signal) {
      // First what needs no reading.
      signalGroup(leader, signal);
      for (const group of groups()) if (group !== leader) signalGroup(group, signal);
    },
    members: () => members().map((member) => member.pid),
    async goneWithin(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (let poll = 0; ; poll++) {
        const last = performance.now() >= deadline;
        if (isGone(last || poll % POLLS_PER_SCAN === 0 || !groupExists(leader))) return true;
        if (last) return false;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
  };
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // EPERM: it runs as another user (sudo); what can't be stopped is told by the proof, not here.
    if (!hasCode(error, 'ESRCH') && !hasCode(error, 'EPERM')) throw error;
  }
}

function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** Fields 3 to 6 of proc_pid_stat(5): state, parent, group, session. */
function linuxMembers(leader: number): readonly Member[] {
  const found: Member[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readStat(pid);
    const [state, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === undefined || state === 'Z' || state === 'X' || state === '') continue;
    if (Number(group) === leader || Number(session) === leader) found.push({ pid, group: Number(group) });
  }
  return found;
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    // What there is no descriptor or memory to read may be there all the same.
    if (['EMFILE', 'ENFILE', 'ENOMEM'].some((code) => hasCode(error, code))) throw error;
    return '';
  }
}

function otherMembers(leader: number): readonly Member[] {
  if (!groupExists(leader)) return [];
  const lines = execFileSync('ps', ['-axo', 'pid=,pgid=,stat='], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, group, state]) => Number(group) === leader && state?.startsWith('Z') === false)
    .map(([pid, group]) => ({ pid: Number(pid), group: Number(group) }));
}
