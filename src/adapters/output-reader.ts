import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputSource } from '../live/output-source.ts';
import { attemptFile } from './attempt-files.ts';
import { hasCode } from './durable-file.ts';

/** What of an output is on the disk: `start` is the place of its first byte in the whole output. */
type Piece = { readonly path: string; readonly start: number; readonly size: number };

/** A range that the cap, or a full disk, cut out. */
export type CutRange = { readonly from: number; readonly to: number };

/** The recorded output of an attempt as one stream, in which the bytes that were cut out keep their places. */
export interface RecordedOutput extends OutputSource {
  size(): Promise<number>;
  /** The ranges that can't be read, in order; a reader may leap over them. */
  cuts(): Promise<readonly CutRange[]>;
}

const SEGMENT_NAME = /^output\.tail-(\d+)\.log$/;
const NUL = 0;

/**
 * Opens the output in an attempt's folder, also while it is written, or before there is any.
 *
 * A read in a range that was cut out gives bytes too, so that offsets stay true: where the range begins a line that says
 * how much is missing, after it NUL bytes, which a terminal ignores. No read reaches over a border between pieces.
 */
export function openOutput(folder: string): RecordedOutput {
  return {
    async size() {
      const last = (await piecesIn(folder)).at(-1);
      return last === undefined ? 0 : last.start + last.size;
    },
    async cuts() {
      return cutsBetween(await piecesIn(folder));
    },
    async read(offset, maxBytes) {
      const pieces = await piecesIn(folder);
      const piece = pieces.find(({ start, size }) => offset >= start && offset < start + size);
      const bytes = piece === undefined ? undefined : await readPiece(piece, offset, maxBytes);
      if (bytes !== undefined) return bytes;
      // A segment that was removed since it was listed has become a part of a cut.
      const cut = cutsBetween(piece === undefined ? pieces : await piecesIn(folder)).find(
        ({ from, to }) => offset >= from && offset < to,
      );
      return cut === undefined ? new Uint8Array(0) : marker(cut, offset, maxBytes);
    },
  };
}

async function piecesIn(folder: string): Promise<readonly Piece[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
  const places = names.flatMap((name) => {
    const start = name === attemptFile.output ? '0' : SEGMENT_NAME.exec(name)?.[1];
    return start === undefined ? [] : [{ path: join(folder, name), start: Number(start) }];
  });
  const pieces = await Promise.all(places.map(async (place) => ({ ...place, size: await sizeOf(place.path) })));
  return pieces.filter(({ size }) => size > 0).sort((one, other) => one.start - other.start);
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

async function readPiece(piece: Piece, offset: number, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    const file = await open(piece.path, 'r');
    try {
      const at = offset - piece.start;
      const buffer = Buffer.allocUnsafe(Math.min(maxBytes, piece.size - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function cutsBetween(pieces: readonly Piece[]): readonly CutRange[] {
  const cuts: CutRange[] = [];
  let end = 0;
  for (const { start, size } of pieces) {
    if (start > end) cuts.push({ from: end, to: start });
    end = Math.max(end, start + size);
  }
  return cuts;
}

function marker(cut: CutRange, offset: number, maxBytes: number): Uint8Array {
  const bytes = Buffer.alloc(Math.min(maxBytes, cut.to - offset), NUL);
  const text = Buffer.from(`\r\n\u001b[0m[${cut.to - cut.from} bytes of output are not kept]\r\n`);
  const skipped = offset - cut.from;
  if (skipped < text.length) text.copy(bytes, 0, skipped);
  return bytes;
}
