import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ProcessIdentity } from '../runner/spec.ts';
import { hasCode, linkExclusive } from './durable-file.ts';
import { identifySelf, type Liveness, livenessOf } from './process-identity.ts';

/** `lock`: who writes a run. */
export type LockRecord = ProcessIdentity & {
  /** `user@host`. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
};

/** Who holds a lock; `unreadable`: its file says nothing, so nobody can tell. */
export type Holder = LockRecord | 'unreadable';

export type Lock = {
  readonly record: LockRecord;
  /** Who had it before and was not proven to have let go; absent: nobody. */
  readonly from?: { readonly holder: Holder; readonly provenDead: boolean };
  /**
   * Whether this process still holds it; somebody else may have taken it over. One that was only removed is renewed, unless
   * it was given back.
   */
  readonly isHeld: () => Promise<boolean>;
  /** Never throws: what can't be given back is that of a dead process as soon as this one has ended. */
  readonly release: () => Promise<void>;
};

export type LockOutcome =
  | { readonly kind: 'held'; readonly lock: Lock }
  | { readonly kind: 'busy'; readonly holder: Holder };

/** One link of the chain: who holds, or is letting go. */
type Link = { readonly text: string; readonly holder: Holder; readonly isReleased: boolean };

const TRIES = 60;
/** How often one that is being given back on another machine is looked at, before it counts as free. */
const PATIENT_TRIES = 50;
const RELEASING_MS = 20;

/**
 * Takes the right to write a run. A holder that is proven dead, on this host and since this boot or before it, is taken
 * over from; any other keeps it, unless the operator decided that it is to be taken from this very one. One that was given
 * back is free, also where whoever gave it back never came to take it away.
 *
 * Nothing is ever replaced: who takes over links a file of its own, whose name follows from the text of the one before.
 * So of all that try one gets it in a single act of the file system, however long any of them was held up in between.
 *
 * @throws the system's error if the lock file can't be written.
 */
export async function takeLock(path: string, by: string, now: number, from?: Holder): Promise<LockOutcome> {
  const record: LockRecord = { ...(await identifySelf()), by, since: now };
  const text = textOf(record);
  /** Who is giving it back, and takes long about it. */
  let releasing: Holder | undefined;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await linkExclusive(path, text)) return { kind: 'held', lock: held(path, text, record) };
    const last = (await chainOf(path)).at(-1);
    releasing = undefined;
    if (!last) continue;
    const where = await whereIs(last.holder);
    const provenDead = isDead(where);
    // Here it can be seen to be at it still; of another machine only its time says that it no longer is.
    const isAwaited = last.isReleased && !provenDead && (where !== 'other host' || tries < PATIENT_TRIES);
    if (isAwaited) {
      releasing = last.holder;
      await new Promise((resolve) => setTimeout(resolve, RELEASING_MS));
      continue;
    }
    if (!last.isReleased && !provenDead && !isSame(last.holder, from)) return { kind: 'busy', holder: last.holder };
    const link = linkPath(path, last.text);
    if (!(await linkExclusive(link, text))) continue;
    if ((await chainOf(path)).some((one) => one.text === text)) {
      const before = last.isReleased ? {} : { from: { holder: last.holder, provenDead } };
      return { kind: 'held', lock: { ...held(path, text, record), ...before } };
    }
    // The lock was given back, and perhaps taken anew, since it was looked at.
    await remove(link);
  }
  // Its disk may hang: who looks on meanwhile takes it as soon as it is given back, or its holder is dead.
  if (releasing !== undefined) return { kind: 'busy', holder: releasing };
  throw new Error(`${path} changes hands all the time; try again.`);
}

/**
 * Gives a lock back for a holder that is proven dead, with all that takers have left of it. Who wants it meanwhile waits
 * for it as for one that is just being given back. False: there is none, or somebody has it.
 *
 * @throws the system's error if the folder can't be read or written.
 */
export async function removeDeadLock(path: string, by: string, now: number): Promise<boolean> {
  const names = (await readdir(dirname(path))).filter(isLockName);
  const chain = await chainOf(path);
  const last = chain.at(-1);
  if (last !== undefined) {
    if (!(await isProvenDead(last.holder))) return last.isReleased && (await removeReleased(path, by, now));
    const released = textOf({ ...(await identifySelf()), by, since: now }, true);
    if (!(await endChain(path, chain, released))) return false;
  }
  // They lead from nowhere: no lock that is made from now on is followed by one of them.
  for (const name of names) if (name !== basename(path)) await remove(join(dirname(path), name));
  return names.length > 0;
}

/** Whether a file of a run's folder is one of those that say who writes it. */
export function isLockName(name: string): boolean {
  return /^lock(\.[0-9a-f]{16})?$/.test(name);
}

/** Dead for certain: its machine started anew, or its process is gone from this one. */
export async function isProvenDead(holder: Holder): Promise<boolean> {
  return isDead(await whereIs(holder));
}

function isDead(where: Liveness | 'unreadable'): boolean {
  return where === 'gone' || where === 'other boot';
}

/** Where a holder is, seen from here. */
export async function whereIs(holder: Holder): Promise<Liveness | 'unreadable'> {
  return holder === 'unreadable' ? holder : livenessOf(holder);
}

/** Who holds a lock; undefined: nobody, or one that is just letting go. */
export async function readLock(path: string): Promise<Holder | undefined> {
  const last = (await chainOf(path)).at(-1);
  return last === undefined || last.isReleased ? undefined : last.holder;
}

/** From the first holder to the one that took over last. */
async function chainOf(path: string): Promise<readonly Link[]> {
  const chain: Link[] = [];
  for (let at = path; ; ) {
    const text = await readIfThere(at);
    if (text === undefined) return chain;
    const link = { text, ...parse(text) };
    chain.push(link);
    // A copy made by hand could lead back to itself.
    at = linkPath(path, text);
    if (chain.slice(0, -1).some((one) => one.text === text)) return chain;
  }
}

function linkPath(path: string, before: string): string {
  return `${path}.${createHash('sha256').update(before).digest('hex').slice(0, 16)}`;
}

/** Two takings of the same process in the same millisecond must not look the same. */
function textOf(record: LockRecord, released = false): string {
  const extra = { nonce: randomBytes(8).toString('hex'), ...(released ? { released } : {}) };
  return `${JSON.stringify({ ...record, ...extra })}\n`;
}

function parse(text: string): Omit<Link, 'text'> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && isRecord(value as Partial<LockRecord>)) {
      const { pid, startTime, bootId, host, by, since } = value as LockRecord;
      const isReleased = 'released' in value;
      return { holder: { pid, startTime, bootId, host, by, since }, isReleased };
    }
  } catch {
    // Falls through: it says nothing.
  }
  return { holder: 'unreadable', isReleased: false };
}

function isRecord({ pid, startTime, bootId, host, by, since }: Partial<LockRecord>): boolean {
  const texts = [startTime, bootId, host, by].every((one) => typeof one === 'string');
  return texts && typeof pid === 'number' && typeof since === 'number';
}

function isSame(holder: Holder, other: Holder | undefined): boolean {
  return JSON.stringify(holder) === JSON.stringify(other);
}

function held(path: string, text: string, record: LockRecord): Lock {
  let isGivenBack = false;
  let looks: Promise<unknown> = Promise.resolve();
  const isLast = async () => (await chainOf(path)).at(-1)?.text === text;
  const look = async () => {
    if (isGivenBack) return false;
    if (await isLast()) return true;
    // Removed by hand, and nobody has taken it since: whoever did and wrote is found out by the journal.
    return (await chainOf(path)).length === 0 && (await linkExclusive(path, text));
  };
  return {
    record,
    isHeld: () => {
      const looked = looks.then(look);
      looks = looked.catch(() => undefined);
      return looked;
    },
    async release() {
      isGivenBack = true;
      // A look that went on beside it would find it gone, and take it anew.
      await looks;
      await giveBack(path, text, record).catch(() => undefined);
    },
  };
}

async function giveBack(path: string, text: string, record: LockRecord): Promise<void> {
  const chain = await chainOf(path);
  if (chain.at(-1)?.text === text) await endChain(path, chain, textOf(record, true));
}

/** What was given back and is not taken away is had by whoever waits long enough, and then given back by that one. */
async function removeReleased(path: string, by: string, now: number): Promise<boolean> {
  const taken = await takeLock(path, by, now);
  if (taken.kind === 'busy') return false;
  await taken.lock.release();
  return true;
}

/**
 * Writes behind a chain that it was given back, and takes the chain away; false: somebody follows it.
 *
 * Looks once more in between: the disk may have been slow, and who waited long enough has it by then.
 */
async function endChain(path: string, chain: readonly Link[], released: string): Promise<boolean> {
  const link = linkPath(path, chain.at(-1)?.text ?? '');
  if (!(await linkExclusive(link, released))) return false;
  const now = await chainOf(path);
  const isThere = now.some(({ text }) => text === released);
  // It was given back, and perhaps taken anew, since the chain was read.
  if (!isThere) await remove(link);
  const isLast = now.at(-1)?.text === released;
  if (isLast) await removeChain(path, chain);
  return isLast;
}

/** The first goes first: what follows it leads nowhere any more. */
async function removeChain(path: string, chain: readonly Link[]): Promise<void> {
  await remove(path);
  for (const link of chain) await remove(linkPath(path, link.text));
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
