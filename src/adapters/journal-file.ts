import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Journal } from '../engine/ports.ts';
import type { RunEvent, RunEventBody } from '../run/event.ts';
import { eventFault } from '../run/event-fault.ts';
import { openAppendOnly } from './append-only-file.ts';
import { hasCode, writeDurable } from './durable-file.ts';
import { readRegularFile } from './read-regular-file.ts';

/** `prev` of the first line. */
const NO_LINE = '0'.repeat(64);

/** Between two questions whether what was written counts. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;

/** What a journal file holds. */
export type JournalReading = {
  readonly events: readonly RunEvent[];
  /** Bytes up to the end of the last whole line that belongs to it. */
  readonly goodBytes: number;
  /** SHA-256 of the last whole line. */
  readonly lastHash: string;
  /** A torn last line was left out: it was being written when its writer died, so nothing it announced has happened. */
  readonly torn: boolean;
  /** A line that can't be right; the events before it are good, nothing may be written. */
  readonly damage?: { readonly line: number; readonly why: string };
};

/** The journal could not be written; it is as it was before. */
export class JournalWriteError extends Error {
  constructor(path: string, cause: unknown) {
    super(
      `${path} could not be written (${cause instanceof Error ? cause.message : String(cause)}); nothing has begun`,
      { cause },
    );
    this.name = 'JournalWriteError';
  }
}

/** Where a reading of a journal ended, to go on from. */
export type JournalPlace = {
  /** Of the last event that was read; 0: none was. */
  readonly seq: number;
  readonly goodBytes: number;
  readonly lastHash: string;
};

const BEGINNING: JournalPlace = { seq: 0, goodBytes: 0, lastHash: NO_LINE };

export function endOf({ events, goodBytes, lastHash }: JournalReading): JournalPlace {
  return { seq: events.length, goodBytes, lastHash };
}

/**
 * Reads a journal's bytes. Pure: a cut at any byte reads as a prefix of its events.
 *
 * @param from where the bytes begin in the journal; only events behind it are in the reading.
 */
export function readJournal(bytes: Uint8Array, from = BEGINNING): JournalReading {
  const events: RunEvent[] = [];
  let { lastHash } = from;
  let position = 0;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reading = (more: Pick<JournalReading, 'torn' | 'damage'>): JournalReading => ({
    events,
    goodBytes: from.goodBytes + position,
    lastHash,
    ...more,
  });
  for (;;) {
    const end = text.indexOf(10, position);
    if (end < 0) break;
    const line = text.subarray(position, end);
    const seq = from.seq + events.length + 1;
    const parsed = parseLine(line, seq, lastHash);
    if (typeof parsed === 'string') return reading({ torn: false, damage: { line: seq, why: parsed } });
    events.push(parsed);
    lastHash = sha256(line);
    position = end + 1;
  }
  return reading({ torn: position < text.length });
}

function parseLine(line: Uint8Array, seq: number, prev: string): RunEvent | string {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    return 'it is no JSON';
  }
  if (typeof value !== 'object' || value === null) return 'it is no event';
  const { seq: found, at, by, type, data, prev: before } = value as Record<string, unknown>;
  if (
    !Number.isFinite(at) ||
    typeof at !== 'number' ||
    typeof by !== 'string' ||
    typeof type !== 'string' ||
    typeof data !== 'object'
  )
    return 'it is no event';
  if (found !== seq) return `its seq is ${String(found)}, not ${seq}: lines are missing or doubled`;
  if (before !== prev) return 'its prev does not fit the line before: one of the two was changed';
  // Nothing stands behind the last line that would tell of a change in it.
  return eventFault(type, data) ?? ({ ...data, seq, at, by, type, prev } as RunEvent);
}

/** @throws the system's error if the file is there and can't be read; a file that is not there is an empty journal. */
export async function readJournalFile(path: string): Promise<JournalReading> {
  try {
    return readJournal(await readRegularFile(path));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return readJournal(new Uint8Array());
    throw error;
  }
}

/**
 * Reads only what was appended since; undefined: what stands there does not go on from that place, and has to be read
 * from its beginning.
 *
 * @throws the system's error if it can't be read.
 */
export async function readJournalOnward(path: string, from: JournalPlace): Promise<JournalReading | undefined> {
  // A pipe that somebody put in its place would be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    if (size < from.goodBytes) return undefined;
    const bytes = Buffer.alloc(size - from.goodBytes);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from.goodBytes);
    const reading = readJournal(bytes.subarray(0, bytesRead), from);
    return reading.damage === undefined ? reading : undefined;
  } finally {
    await file.close();
  }
}

/**
 * Opens a journal for writing behind what was read of it; a torn last line is cut off.
 *
 * @param guard asked before and after every write; a sentence says why this process may no longer write. What was
 * written meanwhile counts as not written: who took over may not have seen it. Where it throws before a write, nothing
 * is written; after one it is asked again until it answers.
 * @param fence somebody else may still have the file open for writing: it is replaced by a copy, so that a write that
 * comes late reaches nobody.
 * @throws {JournalWriteError} if it can't be opened for writing, or is damaged: it would be cut off there.
 */
export async function openJournal(input: {
  readonly path: string;
  readonly reading: JournalReading;
  readonly by: string;
  readonly now: () => number;
  readonly guard: () => Promise<string | undefined>;
  readonly fence?: boolean;
}): Promise<Journal> {
  const { path, reading, by, now, guard } = input;
  let prev = reading.lastHash;
  let seq = reading.events.length;
  let at = reading.events.at(-1)?.at ?? 0;
  if (reading.damage) throw new JournalWriteError(path, new Error(`line ${reading.damage.line} is damaged`));
  const isWhole = (bytes: Uint8Array) => {
    const { lastHash, goodBytes } = readJournal(bytes);
    return lastHash === prev && goodBytes === bytes.length;
  };
  const opening = async () => {
    if (input.fence) await replaceByCopy(path, reading.goodBytes);
    return openAppendOnly({ path, sizeBytes: reading.goodBytes, isWhole });
  };
  const file = await opening().catch((error: unknown) => {
    throw new JournalWriteError(path, error);
  });

  return {
    async append(bodies) {
      const refusal = await guard();
      if (refusal !== undefined) throw new JournalWriteError(path, new Error(refusal));
      const events: RunEvent[] = [];
      const lines: string[] = [];
      let last = prev;
      // The machine's clock may be set back; what happened later never stands before what happened earlier.
      at = Math.max(at, now());
      for (const body of bodies) {
        const event = { ...body, seq: seq + events.length + 1, at, by, prev: last } as RunEvent;
        const line = lineOf(event);
        last = sha256(Buffer.from(line));
        events.push(event);
        lines.push(`${line}\n`);
      }
      await file.append(Buffer.from(lines.join(''))).catch((error: unknown) => {
        throw new JournalWriteError(path, error);
      });
      // They stand in the file from here on, whatever comes of asking: nothing may be written with their numbers again.
      prev = last;
      seq += events.length;
      const tooLate = await answerOf(guard);
      if (tooLate !== undefined) throw new JournalWriteError(path, new Error(tooLate));
      return events;
    },
    close: () => file.close(),
  };
}

/**
 * Only an answer says whether what was written counts: a lock that can't be read just now says nothing of it. One whose
 * folder was taken away never will, and nobody reads what was written.
 */
async function answerOf(guard: () => Promise<string | undefined>): Promise<string | undefined> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await guard();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return 'the folder of the run was taken away';
      await wait(pauseMs);
    }
  }
}

/** The file that an earlier writer has open is none that anybody reads any more. */
async function replaceByCopy(path: string, sizeBytes: number): Promise<void> {
  await writeDurable(path, (await readRegularFile(path)).subarray(0, sizeBytes));
}

function lineOf(event: RunEvent): string {
  const { seq, at, by, type, prev, ...data } = event as RunEvent & Record<string, unknown>;
  return JSON.stringify({ seq, at, by, type, data, prev });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A journal that is kept nowhere: what a dry run writes. */
export function memoryJournal(by: string, now: () => number, seq: number): Journal {
  let last = seq;
  return {
    append: (bodies: readonly RunEventBody[]) =>
      Promise.resolve(
        bodies.map((body) => {
          last += 1;
          return { ...body, seq: last, at: now(), by, prev: NO_LINE } as RunEvent;
        }),
      ),
    close: () => Promise.resolve(),
  };
}
