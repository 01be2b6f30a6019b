import { join } from 'node:path';
import type { ProcessIdentity, StartedRecord } from '../runner/spec.ts';
import { attemptFile } from './attempt-files.ts';
import { linkExclusive } from './durable-file.ts';

/** Takes the one start of an attempt; false: somebody else has it, or withdrew it, and nothing may be executed. */
export function claimStart(folder: string, runner: ProcessIdentity, at: number): Promise<boolean> {
  const record: StartedRecord = { kind: 'started', runner, at };
  return linkExclusive(join(folder, attemptFile.started), JSON.stringify(record));
}

/** Takes the one start of an attempt in order that nothing will ever start; false: it was taken before. */
export function withdrawStart(folder: string, by: ProcessIdentity, at: number): Promise<boolean> {
  const record: StartedRecord = { kind: 'withdrawn', by, at };
  return linkExclusive(join(folder, attemptFile.started), JSON.stringify(record));
}
