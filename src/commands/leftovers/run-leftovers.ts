import { readdir, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { processStartTime } from '../../adapters/process-identity.ts';
import type { RunFolder } from '../../adapters/run-folders.ts';
import { isProvenDead, readLock, removeDeadLock, takeLock } from '../../adapters/run-lock.ts';
import { attemptLeftovers, hasRunner } from './attempt-leftovers.ts';
import { type Leftover, timeText } from './leftover.ts';

/** Names of files that are there only while they are being written, with the pid of their writer. */
const UNFINISHED = [/\.(\d+)-[0-9a-f]{8}\.tmp$/, /^usage\.ndjson\.(\d+)\.tmp$/, /^\.doctor-(\d+)-[0-9a-f]{8}\.tmp$/];
const PUT_ASIDE = /^lock\.(\d+)\.old$/;
const FOREIGN_USAGE = /^usage\.ndjson\.aside-\d+$/;
/** A run is begun within a moment; one that was not for so long never will be. */
const BEGUN_MS = 60_000;

/** What a crash left in the folder of one run. An open run's files are let be. */
export async function runLeftovers(folder: RunFolder): Promise<readonly Leftover[]> {
  const names = await readdir(folder.path).catch((): string[] => []);
  const attempts = (await readdir(join(folder.path, 'attempts')).catch((): string[] => [])).map((name) =>
    join(folder.path, 'attempts', name),
  );
  const told = names.filter((name) => FOREIGN_USAGE.test(name)).map((name) => foreignUsage(folder, name));
  const inAttempts = await attemptLeftovers(folder, attempts);
  if (await isOpen(folder, attempts)) return [...told, ...inAttempts.filter(({ remove }) => remove === undefined)];
  const unfinished = await Promise.all([folder.path, ...attempts].map((one) => unfinishedFiles(one, folder, attempts)));
  const halfMade = names.includes('journal.ndjson') ? [] : await halfMadeRun(folder, attempts);
  // Its lock goes with the folder.
  const lock = halfMade.length > 0 ? [] : await deadLock(folder);
  return [...lock, ...told, ...inAttempts, ...unfinished.flat(), ...halfMade];
}

/** Files that were being written in a folder when their writer died. */
export async function unfinishedFiles(
  path: string,
  folder?: RunFolder,
  attempts: readonly string[] = [],
): Promise<readonly Leftover[]> {
  const names = await readdir(path).catch((): string[] => []);
  const found = await Promise.all(names.map(async (name) => ((await isUnfinished(path, name)) ? [name] : [])));
  return found.flat().map((name) => ({
    what: 'unfinished file',
    path: join(path, name),
    found: 'its writer is gone',
    remove: async () => {
      const isFree = folder === undefined || !(await isOpen(folder, attempts));
      if (!isFree || !(await isUnfinished(path, name))) return false;
      await unlink(join(path, name));
      return true;
    },
  }));
}

async function isUnfinished(path: string, name: string): Promise<boolean> {
  const aside = PUT_ASIDE.exec(name)?.[1];
  const writer = aside ?? UNFINISHED.map((pattern) => pattern.exec(name)?.[1]).find((pid) => pid !== undefined);
  if (writer === undefined || (await processStartTime(Number(writer))) !== undefined) return false;
  if (aside === undefined) return true;
  // One that was moved away by mistake, by somebody who died then, may be the lock of a living writer.
  const holder = await readLock(join(path, name));
  return holder !== undefined && (holder === 'unreadable' || (await isProvenDead(holder)));
}

/** Whether somebody may be writing to it: a screen that isn't proven dead, or a runner. */
async function isOpen(folder: RunFolder, attempts: readonly string[]): Promise<boolean> {
  const holder = await readLock(folder.lock);
  if (holder === 'unreadable' || (holder !== undefined && !(await isProvenDead(holder)))) return true;
  return (await Promise.all(attempts.map(hasRunner))).includes(true);
}

async function deadLock({ lock }: RunFolder): Promise<readonly Leftover[]> {
  const holder = await readLock(lock);
  if (holder === undefined || holder === 'unreadable') return [];
  const found = `${holder.by}, pid ${holder.pid}, since ${timeText(holder.since)}, is gone`;
  return [{ what: 'lock', path: lock, found, remove: () => removeDeadLock(lock) }];
}

function foreignUsage({ path }: RunFolder, name: string): Leftover {
  const found = 'it was set aside, since this version can’t read it';
  return { what: 'measurements', path: join(path, name), found, mend: 'Remove it if nothing else reads it.' };
}

async function halfMadeRun(folder: RunFolder, attempts: readonly string[]): Promise<readonly Leftover[]> {
  const made = await stat(folder.path).catch(() => undefined);
  if (attempts.length > 0 || made === undefined || Date.now() - made.mtimeMs < BEGUN_MS) return [];
  const found = `nothing was begun in it; made ${timeText(made.mtimeMs)}`;
  return [{ what: 'folder of a run', path: folder.path, found, remove: () => removeHalfMade(folder) }];
}

/** Removes what the making of a run makes, by name: with anything else in it the folder stays. */
async function removeHalfMade(folder: RunFolder): Promise<boolean> {
  // Nobody begins the run meanwhile.
  const taken = await takeLock(folder.lock, 'runbook doctor', Date.now());
  if (taken.kind === 'busy') return false;
  const known = new Set(['attempts', 'lock', 'runbook.yaml']);
  const names = await readdir(folder.path);
  const isKnown = names.every((name) => known.has(name) || UNFINISHED.some((pattern) => pattern.test(name)));
  if (!isKnown) {
    await taken.lock.release();
    return false;
  }
  if (names.includes('attempts')) await rmdir(join(folder.path, 'attempts'));
  for (const name of names.filter((one) => one !== 'attempts' && one !== 'lock')) await unlink(join(folder.path, name));
  await taken.lock.release();
  await rmdir(folder.path);
  return true;
}
