import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { attemptFile } from '../adapters/attempt-files.ts';
import type { Observation } from './spec.ts';

/** Two weeks of one answer a second would be a file that nobody reads to its end. */
const SPARING_FROM_BYTES = 16 * 1024 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;

/** The list of a watch's observations. */
export interface ObservationLog {
  /** Writes one down; it is on the disk when this returns. Never throws: a full disk loses lines, not the watch. */
  add(observation: Observation): void;
  close(): void;
  /** What is not in the file, a sentence each. */
  notices(): readonly string[];
}

/**
 * Opens the list. Beyond 16 MiB an answer that holds is written only where the one before it was another; beyond 64 MiB
 * nothing is.
 */
export function openObservationLog(folder: string): ObservationLog {
  const path = join(folder, attemptFile.observations);
  let fd: number | undefined;
  let bytes = 0;
  let lost = 0;
  let spared = 0;
  let why = '';
  let isTorn = false;
  let before: Observation['outcome'] | undefined;

  const lose = (reason: string) => {
    lost += 1;
    why = reason;
  };
  const write = (observation: Observation) => {
    try {
      fd ??= openSync(path, 'a', 0o600);
      // Half a line of a write that failed must not spoil this one.
      const line = Buffer.from(`${isTorn ? '\n' : ''}${JSON.stringify(observation)}\n`);
      const written = writeSync(fd, line);
      bytes += written;
      isTorn = written > 0 && written < line.length;
      if (written < line.length) lose('only a part of one was');
      else fdatasyncSync(fd);
    } catch (error) {
      lose(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    add(observation) {
      const isSame = observation.outcome === before && observation.outcome === 'held';
      before = observation.outcome;
      if (bytes >= MOST_BYTES || (bytes >= SPARING_FROM_BYTES && isSame)) spared += 1;
      else write(observation);
    },
    close: () => {
      try {
        if (fd !== undefined) closeSync(fd);
      } catch (error) {
        lose(error instanceof Error ? error.message : String(error));
      }
    },
    notices: () => [
      ...(lost === 0 ? [] : [`${lost === 1 ? 'an observation' : `${lost} observations`} could not be written: ${why}`]),
      ...(spared === 0 ? [] : [`${spared} observations are counted, but not listed: the list was too long`]),
    ],
  };
}
