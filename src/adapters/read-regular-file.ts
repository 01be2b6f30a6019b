import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A path leads to something that is not to be read; the message says what it is. */
export class UnsuitableFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnsuitableFileError';
  }
}

// Opening a pipe that nobody writes to would wait for ever, and reading a device might never end.
const WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK;
const PIECE_BYTES = 1024 * 1024;

/**
 * Reads a whole file that is one, and no larger than `mostBytes` (absent: any size). Neither a pipe nor a device, a
 * socket or a folder keeps it waiting.
 *
 * @throws {UnsuitableFileError} if it is something else, or larger; else the system's error.
 */
export async function readRegularFile(path: string, mostBytes = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const file = await open(path, WITHOUT_WAITING);
  try {
    requireSuitable(await file.stat(), mostBytes);
    return await readAll(file, mostBytes);
  } finally {
    await file.close();
  }
}

/** The same at once. */
export function readRegularFileSync(path: string, mostBytes: number): Buffer {
  const fd = openSync(path, WITHOUT_WAITING);
  try {
    const found = fstatSync(fd);
    requireSuitable(found, mostBytes);
    const bytes = Buffer.alloc(found.size);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

type Found = { readonly size: number; isFile(): boolean; isDirectory(): boolean };

function requireSuitable(found: Found, mostBytes: number): void {
  if (found.isDirectory()) throw new UnsuitableFileError('it is a folder');
  if (!found.isFile()) throw new UnsuitableFileError('it is no regular file but a pipe, a device or a socket');
  if (found.size > mostBytes) throw new UnsuitableFileError(tooLarge(mostBytes));
}

async function readAll(file: FileHandle, mostBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, sizeBytes);
    if (bytesRead === 0) return Buffer.concat(pieces, sizeBytes);
    pieces.push(buffer.subarray(0, bytesRead));
    sizeBytes += bytesRead;
    // It may grow while it is read, or not tell its size.
    if (sizeBytes > mostBytes) throw new UnsuitableFileError(tooLarge(mostBytes));
  }
}

function tooLarge(mostBytes: number): string {
  return `it is larger than ${mostBytes} bytes (${mostBytes / 1024 / 1024} MiB)`;
}
