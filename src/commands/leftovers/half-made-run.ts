import { lstat, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isPidFree } from '../../adapters/process-identity.ts';
import { type RunFolder, runFolderAside } from '../../adapters/run-folders.ts';
import { isLockName, takeLock } from '../../adapters/run-lock.ts';
import { type Leftover, timeText } from './leftover.ts';
import { unfinishedIn } from './unfinished-files.ts';

/** A run is begun within a moment; one that was not for so long never will be. */
const BEGUN_MS = 60_000;

/** A run whose maker died before it began it: no journal, no attempt, and nothing that making a run doesn't make. */
export async function halfMadeRun(folder: RunFolder, by: string): Promise<readonly Leftover[]> {
  const made = await madeAt(folder);
  if (made === undefined || Date.now() - made < BEGUN_MS) return [];
  return [
    {
      what: 'folder of a run',
      path: folder.path,
      found: `nothing was begun in it; made ${timeText(made)}`,
      remove: () => removeHalfMade(folder, by),
    },
  ];
}

/** When the last thing was made in it; undefined: it is more than a run that was not begun. */
async function madeAt({ path }: RunFolder): Promise<number | undefined> {
  const [made, entries, attempts] = await Promise.all([
    lstat(path),
    readdir(path, { withFileTypes: true }),
    readdir(join(path, 'attempts')).catch(() => []),
  ]);
  const known = await Promise.all(
    entries.map(async (entry) =>
      entry.name === 'attempts' ? entry.isDirectory() : entry.isFile() && isOfMaking(entry.name),
    ),
  );
  return !known.includes(false) && attempts.length === 0 ? made.mtimeMs : undefined;
}

/** A file that is being written is one only while nobody is there who may be writing it. */
async function isOfMaking(name: string): Promise<boolean> {
  const [ofRun] = unfinishedIn.run;
  const writer = ofRun.exec(name)?.[1];
  return writer === undefined ? name === 'runbook.yaml' || isLockName(name) : isPidFree(Number(writer));
}

/** Taken as its writer, then moved out of everybody's way, then emptied: nobody can begin it at any moment in between. */
async function removeHalfMade(folder: RunFolder, by: string): Promise<boolean> {
  const made = await madeAt(folder);
  if (made === undefined || Date.now() - made < BEGUN_MS) return false;
  const taken = await takeLock(folder.lock, by, Date.now());
  if (taken.kind === 'busy') return false;
  try {
    if ((await madeAt(folder)) === undefined) return false;
    const aside = runFolderAside(folder);
    await rename(folder.path, aside.path);
    // One that dies here leaves a half-made run, which is found again.
    if (await emptied(aside)) return true;
    await rename(aside.path, folder.path);
    return false;
  } finally {
    await taken.lock.release();
  }
}

async function emptied(folder: RunFolder): Promise<boolean> {
  if ((await madeAt(folder)) === undefined) return false;
  for (const name of await readdir(folder.path)) {
    if (name === 'attempts') await rmdir(join(folder.path, name));
    else await unlink(join(folder.path, name));
  }
  await rmdir(folder.path);
  return true;
}
