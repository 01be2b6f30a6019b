import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, syncFolder } from './durable-file.ts';

/** A file that only grows, and of which a growth counts once it is on the disk. */
export interface AppendOnlyFile {
  /**
   * All or nothing. What a failure left behind is cleared away before the next growth, or there is none.
   *
   * @throws the system's error, and an Error if somebody else changed the file.
   */
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export type AppendOnlyInput = {
  readonly path: string;
  /** Bytes that count; what stands behind them is cut off. */
  readonly sizeBytes: number;
  /** Whether these bytes are what was appended so far: a disk that failed may give back others. */
  readonly isWhole: (bytes: Uint8Array) => boolean;
};

/**
 * What is known of the file: `torn`: half a growth may stand behind what counts; `doubtful`: a sync failed, after which
 * the system may forget what it could not write and call the next sync a success.
 */
type Condition = 'sound' | 'torn' | 'doubtful';

/** @throws the system's error if it can't be opened for writing. */
export async function openAppendOnly({ path, sizeBytes, isWhole }: AppendOnlyInput): Promise<AppendOnlyFile> {
  let file = await openAt(path, sizeBytes);
  let end = sizeBytes;
  let condition: Condition = 'sound';

  const cutBack = async () => {
    await file.truncate(end);
    condition = 'doubtful';
    await file.datasync();
    condition = 'sound';
  };
  const writeAnew = async () => {
    const bytes = await readTo(file, end);
    if (bytes.length < end || !isWhole(bytes)) throw changedByOthers('what was written is not there any more');
    const before = file;
    file = await replaced(path, bytes);
    condition = 'sound';
    await before.close().catch(() => undefined);
  };

  return {
    async append(bytes) {
      if ((await placeOf(path, file, end, condition)) === 'gone') condition = 'doubtful';
      if (condition === 'torn') await cutBack();
      if (condition === 'doubtful') await writeAnew();
      try {
        condition = 'torn';
        await writeAll(file, bytes, end);
        condition = 'doubtful';
        await file.datasync();
        condition = 'sound';
        end += bytes.length;
      } catch (error) {
        if (condition === 'torn') await cutBack().catch(() => undefined);
        else await file.truncate(end).catch(() => undefined);
        throw error;
      }
    },
    close: () => file.close(),
  };
}

async function openAt(path: string, sizeBytes: number): Promise<FileHandle> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    await file.truncate(sizeBytes);
    await file.sync();
    await syncFolder(dirname(path));
    return file;
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

/**
 * Whether the file is still under its name; one that was removed can be put back, since it is still open.
 *
 * @throws an Error if it, or its name, was changed by somebody else.
 */
async function placeOf(path: string, file: FileHandle, end: number, condition: Condition): Promise<'there' | 'gone'> {
  const own = await file.stat();
  if (own.size < end || (condition === 'sound' && own.size > end))
    throw changedByOthers(`it has ${own.size} bytes, not ${end}`);
  try {
    const found = await stat(path);
    if (found.ino !== own.ino || found.dev !== own.dev) throw changedByOthers('another file stands in its place');
    return 'there';
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'gone';
    throw error;
  }
}

function changedByOthers(what: string): Error {
  return new Error(`somebody else changed it: ${what}. Leave, look at it, and open the run again`);
}

/** Writes the file once more, so that all of it is known to be on the disk, and puts it in the place of the old one. */
async function replaced(path: string, bytes: Uint8Array): Promise<FileHandle> {
  const temporary = `${path}.${process.pid}.tmp`;
  await unlink(temporary).catch(() => undefined);
  const file = await open(temporary, 'wx+', 0o600);
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return file;
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function readTo(file: FileHandle, end: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(end);
  let read = 0;
  while (read < end) {
    const { bytesRead } = await file.read(bytes, read, end - read, read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, start: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, start + written);
    written += bytesWritten;
  }
}
