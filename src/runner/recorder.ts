import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { attemptFile } from '../adapters/attempt-files.ts';

export type Recorded = {
  /** All bytes that came in. */
  readonly bytes: number;
  /** Those of them that are not on the disk: beyond the cap, or not writable. */
  readonly cutBytes: number;
  readonly notices: readonly string[];
};

/** Keeps an attempt's output on the disk within a cap. Never throws and never waits: the command goes on whatever happens. */
export interface Recorder {
  write(bytes: Uint8Array): void;
  end(): Recorded;
}

type Segment = { readonly path: string; readonly fd: number; readonly capacity: number; size: number };

const TAIL_SEGMENTS = 4;
const RETRY_MS = 1_000;

/** The name of a segment of the tail; the figure is the place of its first byte in the whole output. */
export function tailSegmentName(offset: number): string {
  return `output.tail-${String(offset).padStart(12, '0')}.log`;
}

/**
 * Records into `output.log` up to three quarters of the cap, then into segments of a sixteenth each, of which the last
 * four are kept. After a write error the following bytes are lost until a new segment can be written, at first tried
 * again after a second.
 */
export function openRecorder(input: {
  readonly folder: string;
  readonly capBytes: number;
  /** Told when bytes begin to be lost, and with nothing when they are kept again. */
  readonly onTrouble?: (text: string | undefined) => void;
}): Recorder {
  const segmentBytes = Math.max(1, Math.floor(input.capBytes / 4 / TAIL_SEGMENTS));
  const headBytes = Math.max(1, input.capBytes - segmentBytes * TAIL_SEGMENTS);
  const notices: string[] = [];
  const tail: Segment[] = [];
  const head = open(join(input.folder, attemptFile.output), headBytes);
  let current: Segment | undefined = head;
  let offset = 0;
  let keptBytes = 0;
  let retryAt = 0;

  const nextSegment = (): Segment => {
    const segment = open(join(input.folder, tailSegmentName(offset)), segmentBytes);
    tail.push(segment);
    while (tail.length > TAIL_SEGMENTS) {
      const oldest = tail.shift();
      if (oldest === undefined) break;
      remove(oldest.path);
      keptBytes -= oldest.size;
    }
    return segment;
  };

  const writeSome = (bytes: Uint8Array): number => {
    if (current !== undefined && current.size >= current.capacity) {
      const { fd } = current;
      current = undefined;
      closeSync(fd);
    }
    current ??= nextSegment();
    const written = writeSync(current.fd, bytes, 0, Math.min(bytes.length, current.capacity - current.size));
    current.size += written;
    keptBytes += written;
    return written;
  };

  const fail = (error: unknown) => {
    const text = `output is missing from byte ${offset} on: ${messageOf(error)}`;
    if (notices.length === 0) notices.push(text);
    closeIfOpen(current);
    current = undefined;
    if (retryAt === 0) input.onTrouble?.(`what it prints is not being kept: ${messageOf(error)}`);
    retryAt = performance.now() + RETRY_MS;
  };

  return {
    write(bytes) {
      let from = 0;
      const waits = retryAt > 0 && performance.now() < retryAt;
      try {
        while (from < bytes.length && !waits) {
          const written = writeSome(from === 0 ? bytes : bytes.subarray(from));
          from += written;
          offset += written;
        }
        if (retryAt > 0 && !waits) {
          retryAt = 0;
          input.onTrouble?.(undefined);
        }
      } catch (error) {
        fail(error);
      }
      offset += bytes.length - from;
    },
    end() {
      closeIfOpen(current);
      current = undefined;
      return { bytes: offset, cutBytes: offset - keptBytes, notices };
    },
  };
}

function open(path: string, capacity: number): Segment {
  return { path, fd: openSync(path, 'a', 0o600), capacity, size: 0 };
}

/** A disk that fails may say so only now; what it lost is lost all the same. */
function closeIfOpen(segment: Segment | undefined): void {
  try {
    if (segment !== undefined) closeSync(segment.fd);
  } catch {
    return;
  }
}

/** One that can't be removed takes room and does no harm. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    return;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
