import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunFolder } from '../../adapters/run-folders.ts';
import { isProvenDead, readLock } from '../../adapters/run-lock.ts';
import { mayBeAtWork } from './runner-state.ts';

/** The folder of a run, and what is in it. */
export type RunInView = {
  readonly folder: RunFolder;
  readonly names: readonly string[];
  /** Absolute paths of its attempts' folders. */
  readonly attempts: readonly string[];
};

/** Lists a run's folder. A link is not followed: what it leads to is not the run's. */
export async function viewOf(folder: RunFolder): Promise<RunInView> {
  const [names, attempts] = await Promise.all([
    readdir(folder.path),
    readdir(join(folder.path, 'attempts'), { withFileTypes: true }).catch(() => []),
  ]);
  const folders = attempts.filter((entry) => entry.isDirectory() && /^\d{4,}-/.test(entry.name));
  return { folder, names, attempts: folders.map(({ name }) => join(folder.path, 'attempts', name)) };
}

/** Whether somebody may be writing to it: a screen that isn't proven dead, or a runner. */
export async function mayBeOpen({ folder }: RunInView): Promise<boolean> {
  const holder = await readLock(folder.lock);
  if (holder === 'unreadable' || (holder !== undefined && !(await isProvenDead(holder)))) return true;
  // Listed anew: one may have been begun meanwhile.
  const { attempts } = await viewOf(folder);
  return (await Promise.all(attempts.map(mayBeAtWork))).includes(true);
}
