import { join } from 'node:path';
import { type AttemptFiles, attemptFileFault } from './attempt-shapes.ts';
import { hasCode } from './durable-file.ts';
import { readRegularFile } from './read-regular-file.ts';

/** Names of the files in an attempt's folder. */
export const attemptFile = {
  spec: 'spec.json',
  started: 'started.json',
  command: 'command.json',
  ready: 'ready.json',
  result: 'result.json',
  observations: 'observations.ndjson',
  edit: 'edit.json',
  output: 'output.log',
  /** What the runner itself had to say; empty if all went well. */
  runnerLog: 'runner.log',
} as const;

/** What became of reading a file that may be missing or damaged. */
export type Reading<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly why: string };

/**
 * Reads one of an attempt's JSON files; undefined if it isn't there.
 *
 * @throws {AttemptFileError} if it is there and can't be read or holds something else: such files are written atomically,
 * so somebody else touched it or the disk is damaged.
 */
export async function readAttemptFile<Name extends keyof AttemptFiles>(
  folder: string,
  name: Name,
): Promise<AttemptFiles[Name] | undefined> {
  const path = join(folder, attemptFile[name]);
  try {
    const value: unknown = JSON.parse((await readRegularFile(path)).toString());
    const fault = attemptFileFault(name, value);
    if (fault !== undefined) throw new Error(`what it holds ${fault}`);
    return value as AttemptFiles[Name];
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    throw new AttemptFileError(path, error);
  }
}

/** The same, where a damaged file is one of the things that can be found. */
export async function readingOf<Name extends keyof AttemptFiles>(
  folder: string,
  name: Name,
): Promise<Reading<AttemptFiles[Name]>> {
  try {
    const value = await readAttemptFile(folder, name);
    return value === undefined ? { kind: 'none' } : { kind: 'read', value };
  } catch (error) {
    if (error instanceof AttemptFileError) return { kind: 'damaged', why: error.message };
    throw error;
  }
}

/** A file of an attempt is there and can't be used. */
export class AttemptFileError extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'AttemptFileError';
  }
}
