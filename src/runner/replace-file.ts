import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, syncFolder } from '../adapters/durable-file.ts';

export type Replacement = {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Permission bits of the new file. */
  readonly mode: number;
  /** Who is to own it; where that may not be set, nothing is replaced. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** In the same folder as `path`. */
  readonly temporary: string;
  /** Asked last; false: nothing is replaced. */
  readonly isStillWanted: () => Promise<boolean>;
};

/**
 * Replaces a file through a synced temporary file and a rename: at every moment it is the old or the new one.
 *
 * @returns false if it was no longer wanted.
 * @throws the system's error, with the file as before; one that says so where it was replaced and may not stay it.
 */
export async function replaceFile(replacement: Replacement): Promise<boolean> {
  const { temporary, path } = replacement;
  await unlink(temporary).catch(() => undefined);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await write(file, replacement);
    } finally {
      await file.close();
    }
    if (!(await replacement.isStillWanted())) {
      await unlink(temporary);
      return false;
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path)).catch((error: Error & { readonly code?: string }) => {
    const message = `it was replaced, but its folder could not be synced, so a power cut may bring the old one back: ${error.message}`;
    throw Object.assign(new Error(message), { code: error.code ?? 'EIO' });
  });
  return true;
}

/** @throws {Error} if the new file would be somebody else's: a service that reads the old one may not read that. */
async function keepOwner(file: FileHandle, { uid, gid }: Replacement['owner']): Promise<void> {
  const own = await file.stat();
  if (own.uid === uid && own.gid === gid) return;
  await file.chown(uid, gid).catch((error: unknown) => {
    if (!hasCode(error, 'EPERM')) throw error;
    const message = `it belongs to user ${uid}, group ${gid}, which could not be kept; run this as its owner, or change it by a command`;
    throw Object.assign(new Error(message), { code: 'EPERM' });
  });
}

async function write(file: FileHandle, { bytes, mode, owner }: Replacement): Promise<void> {
  await file.writeFile(bytes);
  await keepOwner(file, owner);
  // After the owner: changing it clears the set-id bits.
  await file.chmod(mode);
  await file.sync();
}
