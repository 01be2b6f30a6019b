import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file so that it is either as before or complete, also after a power cut: temporary file, sync, rename, sync
 * of the folder. Mode 0600.
 *
 * @throws the system's error, with the file as before; or with the new one, where only the folder could not be synced: a
 * power cut may bring the old one back.
 */
export async function writeDurable(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = await writeTemporary(path, content);
  try {
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * Makes a file that nobody made before, complete from its first moment. Of several that try, exactly one gets `true`.
 *
 * @throws the system's error if it could not be told or written.
 */
export async function linkExclusive(path: string, content: string | Uint8Array): Promise<boolean> {
  const temporary = await writeTemporary(path, content);
  try {
    await link(temporary, path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    // Nobody is to find made what its maker goes on to call not made.
    await unlink(path).catch(() => undefined);
    throw error;
  }
  return true;
}

/**
 * Makes a folder of mode 0700 with all its parents, each on the disk when this resolves. One after the other: Node's own
 * way of making parents never ends where a folder that is there refuses any other (`/proc`).
 *
 * @throws the system's error.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = path; !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    await syncFolder(dirname(folder));
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/**
 * Whether a folder is there.
 *
 * @throws the system's error if that can't be told.
 */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return false;
    throw error;
  }
}

/** Syncs a folder's entries; a file system that can't do it (some network ones) is left as it is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!hasCode(error, 'EINVAL') && !hasCode(error, 'ENOTSUP')) throw error;
  } finally {
    await folder.close();
  }
}

/** Whether a caught value is a system error of this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function writeTemporary(path: string, content: string | Uint8Array): Promise<string> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}
