import { readFile, rename, unlink } from 'node:fs/promises';
import type { ProcessIdentity } from '../runner/spec.ts';
import { hasCode, linkExclusive } from './durable-file.ts';
import { identifySelf, livenessOf } from './process-identity.ts';

/** `lock`: who writes a run. */
export type LockRecord = ProcessIdentity & {
  /** `user@host`. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
};

export type Lock = {
  readonly record: LockRecord;
  /** Whether this process still holds it; somebody else may have taken it over. */
  readonly isHeld: () => Promise<boolean>;
  readonly release: () => Promise<void>;
};

export type LockOutcome =
  | { readonly kind: 'held'; readonly lock: Lock }
  | { readonly kind: 'busy'; readonly holder: LockRecord; readonly provenDead: false };

/**
 * Takes the right to write a run. A holder that is proven dead, on this host and since this boot or before it, is taken
 * over from; any other keeps it, unless `force` says that the operator decided.
 *
 * @throws the system's error if the lock file can't be written.
 */
export async function takeLock(path: string, by: string, now: number, force = false): Promise<LockOutcome> {
  const record: LockRecord = { ...(await identifySelf()), by, since: now };
  const text = `${JSON.stringify(record)}\n`;
  for (let tries = 0; tries < 20; tries += 1) {
    if (await linkExclusive(path, text)) return { kind: 'held', lock: held(path, text, record) };
    const found = await readLock(path);
    if (!found) continue;
    if (found !== 'unreadable' && !force && !(await isProvenDead(found)))
      return { kind: 'busy', holder: found, provenDead: false };
    await putAside(path, found);
  }
  throw new Error(`${path} changes hands all the time; try again.`);
}

/** Dead for certain: its machine started anew, or its process is gone from this one. */
export async function isProvenDead(holder: LockRecord): Promise<boolean> {
  const where = await livenessOf(holder);
  return where === 'gone' || where === 'other boot';
}

/** Who holds a lock; undefined: nobody. */
export async function readLock(path: string): Promise<LockRecord | 'unreadable' | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'pid' in value && 'by' in value) return value as LockRecord;
  } catch {
    // Falls through: what is no record is nobody's lock.
  }
  return 'unreadable';
}

/** Moves a dead lock away. Of several that try at once one moves it; one that moved a newer lock by mistake puts it back. */
async function putAside(path: string, expected: LockRecord | 'unreadable'): Promise<void> {
  const aside = `${path}.${process.pid}.old`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = await readFile(aside, 'utf8');
  if (expected !== 'unreadable' && !moved.includes(JSON.stringify(expected))) await linkExclusive(path, moved);
  await unlink(aside).catch(() => undefined);
}

function held(path: string, text: string, record: LockRecord): Lock {
  const isHeld = async () => (await readFile(path, 'utf8').catch(() => '')) === text;
  return {
    record,
    isHeld,
    release: async () => {
      if (await isHeld()) await unlink(path).catch(() => undefined);
    },
  };
}
