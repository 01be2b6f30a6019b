import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { attemptFile } from '../adapters/attempt-files.ts';
import type { Observation } from './spec.ts';

/** Opens the list of a watch's observations; each is on the disk when `add` returns. A full disk loses lines, not the watch. */
export function openObservationLog(folder: string): {
  readonly add: (observation: Observation) => void;
  readonly close: () => void;
  /** Lines that could not be written. */
  readonly lost: () => number;
} {
  const fd = openSync(join(folder, attemptFile.observations), 'a', 0o600);
  let lost = 0;
  return {
    add(observation) {
      try {
        writeSync(fd, `${JSON.stringify(observation)}\n`);
        fdatasyncSync(fd);
      } catch {
        lost += 1;
      }
    },
    close: () => closeSync(fd),
    lost: () => lost,
  };
}
