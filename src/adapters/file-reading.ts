import type { FileHandle } from 'node:fs/promises';
import { cleanLine } from '../live/clean-line.ts';
import { createLineSplitter, type LineSplitter } from '../live/line-splitter.ts';
import { type LineTime, timeInLine } from '../live/line-time.ts';
import { type ZoneShift, zoneShift } from '../live/zone-shift.ts';
import { lastLinesFrom } from './last-lines-from.ts';

/** An open file that is read on as it grows. */
export type FileReading = {
  readonly handle: FileHandle;
  /** What makes the file itself, whatever its name is. */
  readonly identity: string;
  splitter: LineSplitter;
  offset: number;
  /** The bytes before `offset`: where others stand there, the file was written anew. */
  witness: Buffer;
  /** Bytes up to here were there before following began. */
  oldTo: number;
  readonly writtenBefore: number;
  /** How far the times without a zone are off that stand in what was there before. */
  readonly zoneShift: ZoneShift;
};

/** Lines that a file had more, in the order of its bytes. */
export type FileLines = { readonly lines: readonly string[]; readonly leftOut: number; readonly isOld: boolean };

const WITNESS_BYTES = 64;
const READ_BYTES = 256 * 1024;
/** What is read in one go; what is further behind than that is leapt over. */
const MOST_BEHIND_BYTES = 8 * 1024 * 1024;
const NEAR_END_BYTES = 1024 * 1024;
/** So much of the end is looked through for a time. */
const LAST_TIME_BYTES = 64 * 1024;

/** Begins at the `offset` that `begin` gives for the file's size. */
export async function openReading(
  handle: FileHandle,
  begin: (size: number) => Promise<number>,
  isOld: boolean,
): Promise<FileReading> {
  const { dev, ino, size, mtimeMs } = await handle.stat();
  const offset = await begin(size);
  const splitter = createLineSplitter();
  return {
    handle,
    identity: `${dev}:${ino}`,
    splitter,
    offset,
    witness: await bytesBefore(handle, offset),
    oldTo: isOld ? size : 0,
    writtenBefore: mtimeMs,
    zoneShift: isOld ? zoneShift(await lastTime(handle, size), mtimeMs) : 0,
  };
}

/** Reads what there is more now, a bounded amount, and takes it piece by piece; gives whether there was anything. */
export async function readOn(
  reading: FileReading,
  allowance: () => number,
  take: (found: FileLines) => void,
): Promise<boolean> {
  const { size } = await reading.handle.stat();
  if (size < reading.offset || !(await isSame(reading))) beginAnew(reading, take);
  if (size - reading.offset > MOST_BEHIND_BYTES) {
    reading.offset = size - NEAR_END_BYTES;
    reading.splitter.skipLine();
    // How many there were is not known without reading them: one at least.
    take({ lines: [], leftOut: 1, isOld: false });
  }
  const begun = reading.offset;
  while (reading.offset < size) {
    const bytes = await bytesAt(reading.handle, reading.offset, Math.min(READ_BYTES, size - reading.offset));
    if (bytes.length === 0) break;
    const isOld = reading.offset < reading.oldTo;
    reading.offset += bytes.length;
    reading.witness = Buffer.from(
      Buffer.concat([reading.witness, bytes.subarray(-WITNESS_BYTES)]).subarray(-WITNESS_BYTES),
    );
    take({ ...reading.splitter.push(bytes, allowance()), isOld });
  }
  return reading.offset > begun;
}

/** Takes what stands at the end without a newline: nothing more comes. */
export function endReading(reading: FileReading, take: (found: FileLines) => void): void {
  const line = reading.splitter.end();
  if (line !== undefined) take({ lines: [line], leftOut: 0, isOld: reading.offset <= reading.oldTo });
}

/** Lets go of a file; never rejects: over a network or from a failing disk closing may fail, which nobody could mend. */
export async function closeFile(handle: Pick<FileHandle, 'close'>): Promise<void> {
  try {
    await handle.close();
  } catch {
    // It is as good as closed.
  }
}

/** Where the last `lines` of a file of that size begin; a bounded part of it is looked through. */
export function lastLinesOf(handle: FileHandle, size: number, lines: number): Promise<number> {
  const read = (offset: number, maxBytes: number) => bytesAt(handle, offset, maxBytes);
  return lastLinesFrom({ read }, { size, lines, mostBytes: MOST_BEHIND_BYTES });
}

function beginAnew(reading: FileReading, take: (found: FileLines) => void): void {
  endReading(reading, take);
  reading.splitter = createLineSplitter();
  reading.offset = 0;
  reading.oldTo = 0;
  reading.witness = Buffer.alloc(0);
}

async function isSame({ handle, offset, witness }: FileReading): Promise<boolean> {
  return witness.equals(await bytesAt(handle, offset - witness.length, witness.length));
}

/** The last time without a zone that a line at the end of a file says. */
async function lastTime(handle: FileHandle, size: number): Promise<LineTime | undefined> {
  const lines = (await bytesBefore(handle, size, LAST_TIME_BYTES)).toString().split('\n');
  return lines.map((line) => timeInLine(cleanLine(line))).findLast((time) => time !== undefined && !time.hasZone);
}

async function bytesBefore(handle: FileHandle, offset: number, most = WITNESS_BYTES): Promise<Buffer> {
  const length = Math.min(most, offset);
  return await bytesAt(handle, offset - length, length);
}

async function bytesAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
