import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * When a process began, as the system tells it: together with the pid it names one process for good.
 *
 * @param {number} pid
 * @returns {string | null} null: there is no such process, or only its corpse that nobody has collected
 */
export function startOf(pid) {
  if (!Number.isInteger(pid) || pid < 2) return null;
  if (existsSync('/proc/self/stat')) {
    try {
      // The name in brackets may hold spaces and brackets; the fields that count follow the last one.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
    } catch {
      return null;
    }
  }
  try {
    const line = execFileSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch {
    return null;
  }
}

/**
 * @param {{pid: number, started: string} | null} record
 * @returns {boolean} true: exactly that process lives, not another one that got its number
 */
export function isAlive(record) {
  return record !== null && startOf(record.pid) === record.started;
}

/**
 * Asks until it holds.
 *
 * @param {() => boolean | Promise<boolean>} condition @param {number} withinMs
 * @returns {Promise<boolean>} false: it did not hold in time
 */
export async function holdsWithin(condition, withinMs) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= deadline) return false;
    await pause(50);
  }
}

/**
 * Ends a process, politely first, and proves it.
 *
 * @param {{pid: number, started: string}} record @param {number} politeMs until SIGKILL
 * @returns {Promise<'gone' | 'killed' | 'still there'>}
 */
export async function endProcess(record, politeMs) {
  const send = (/** @type {NodeJS.Signals} */ signal) => {
    if (!isAlive(record)) return;
    try {
      process.kill(record.pid, signal);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
  };
  send('SIGTERM');
  if (await holdsWithin(() => !isAlive(record), politeMs)) return 'gone';
  send('SIGKILL');
  return (await holdsWithin(() => !isAlive(record), 3000)) ? 'killed' : 'still there';
}
