import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isLockName, isProvenDead, readLock, removeDeadLock } from '../../adapters/run-lock.ts';
import { attemptLeftovers } from './attempt-leftovers.ts';
import { editLeftovers } from './edit-leftovers.ts';
import { halfMadeRun } from './half-made-run.ts';
import { type Leftover, timeText } from './leftover.ts';
import { mayBeOpen, type RunInView } from './run-in-view.ts';
import { lastCopies, unfinishedFiles } from './unfinished-files.ts';

const FOREIGN_USAGE = /^usage\.ndjson\.aside-\d+$/;
/** Who is named in a lock while something is cleaned away. */
const DOCTOR = 'runbook doctor';

/** What a crash left in the folder of one run that nobody has open. */
export async function runLeftovers(view: RunInView): Promise<readonly Leftover[]> {
  const { folder, names, attempts } = view;
  const mayRemove = async () => !(await mayBeOpen(view));
  const found = await Promise.all([
    attemptLeftovers(view),
    unfinishedFiles(folder.path, 'run', mayRemove),
    lastCopies(folder.path),
    ...attempts.flatMap((one) => [unfinishedFiles(one, 'attempt', mayRemove), lastCopies(one), editLeftovers(one)]),
  ]);
  const told = [...foreignUsage(view), ...(await emptyJournal(view))];
  const halfMade = names.includes('journal.ndjson') ? [] : await halfMadeRun(folder, DOCTOR);
  // All that is in it goes with the folder.
  if (halfMade.length > 0) return halfMade;
  return [...(await deadLock(folder.lock, names)), ...told, ...found.flat()];
}

/** What is told of a run that somebody may have open: nothing of it is removed. */
export async function openRunLeftovers(view: RunInView): Promise<readonly Leftover[]> {
  const { folder } = view;
  if ((await readLock(folder.lock)) !== 'unreadable') return foreignUsage(view);
  const mend = 'If no screen has this run open, open it: that takes it over.';
  const found = 'it can’t be read: nobody can say who holds the run';
  return [{ what: 'lock', path: folder.lock, found, mend }, ...foreignUsage(view)];
}

/** What one left that died while it began a run; nothing while somebody may be beginning one. */
export async function beginLeftovers(lock: string): Promise<readonly Leftover[]> {
  const folder = dirname(lock);
  const names = await readdir(folder);
  const isFree = async () => {
    const holder = await readLock(lock);
    return holder === undefined || isProvenDead(holder);
  };
  if (!(await isFree())) return [];
  return [...(await deadLock(lock, names)), ...(await unfinishedFiles(folder, 'run', isFree))];
}

/** The lock of a screen that died, also of one that died while it took it or gave it back. */
async function deadLock(path: string, names: readonly string[]): Promise<readonly Leftover[]> {
  if (!names.some(isLockName)) return [];
  const holder = await readLock(path);
  if (holder === 'unreadable' || (holder !== undefined && !(await isProvenDead(holder)))) return [];
  const found =
    holder === undefined
      ? 'its holder was gone before it was given back'
      : `${holder.by}, pid ${holder.pid}, since ${timeText(holder.since)}, is gone`;
  return [{ what: 'lock', path, found, remove: () => removeDeadLock(path, DOCTOR, Date.now()) }];
}

function foreignUsage({ folder, names }: RunInView): readonly Leftover[] {
  return names
    .filter((name) => FOREIGN_USAGE.test(name))
    .map((name) => ({
      what: 'measurements',
      path: join(folder.path, name),
      found: 'it was set aside, since this version can’t read it',
      mend: 'Remove it if nothing else reads it.',
    }));
}

/** A run whose maker died between making the journal and writing its first line. */
async function emptyJournal({ folder, attempts }: RunInView): Promise<readonly Leftover[]> {
  const found = await stat(folder.journal).catch(() => undefined);
  if (found === undefined || found.size > 0 || attempts.length > 0) return [];
  const mend = 'Remove the folder if you know of nothing that was done in it.';
  return [{ what: 'empty journal', path: folder.journal, found: 'nothing was written down in it', mend }];
}
