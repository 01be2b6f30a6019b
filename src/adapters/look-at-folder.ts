import { randomBytes } from 'node:crypto';
import { access, constants, lstat, open, stat, statfs, unlink } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder as it is now. */
export type FolderLook =
  | {
      readonly kind: 'there';
      /** Only its owner may look into it, and that is who asks; the folder itself, not a link to one. */
      readonly isPrivate: boolean;
      /** Why no file can be written and synced there; absent: one can. */
      readonly unwritable?: string;
    }
  | { readonly kind: 'no folder' }
  /** `makeable`: the nearest folder above it can be written to. */
  | { readonly kind: 'absent'; readonly nearest: string; readonly makeable: boolean };

/** Looks at a folder; where it is there, a file is written, synced and removed again. A missing one is not made. */
export async function lookAtFolder(path: string): Promise<FolderLook> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) {
    const nearest = await nearestFolder(path);
    const makeable = await access(nearest, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    return { kind: 'absent', nearest, makeable };
  }
  const target = await stat(path).catch(() => undefined);
  if (!target?.isDirectory()) return { kind: 'no folder' };
  const isPrivate = found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0;
  const unwritable = await whyUnwritable(path);
  return { kind: 'there', isPrivate, ...(unwritable === undefined ? {} : { unwritable }) };
}

/** Bytes that this user may still write in a folder, or in the nearest one above it; undefined: the system doesn't tell. */
export async function freeBytes(path: string): Promise<number | undefined> {
  const { bavail, bsize } = await statfs(await nearestFolder(path)).catch(() => ({ bavail: undefined, bsize: 0 }));
  return bavail === undefined ? undefined : bavail * bsize;
}

async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (dirname(folder) === folder || (await stat(folder).catch(() => undefined))?.isDirectory() === true)
      return folder;
  }
}

async function whyUnwritable(folder: string): Promise<string | undefined> {
  const path = join(folder, `.doctor-${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile('x');
      await file.sync();
    } finally {
      await file.close();
      await unlink(path);
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
