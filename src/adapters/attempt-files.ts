import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type AttemptFiles, attemptFileFault } from './attempt-shapes.ts';
import { hasCode } from './durable-file.ts';
import { isWant, mayPass } from './passing-fault.ts';
import { readRegularFile } from './read-regular-file.ts';

/** How long a file that can't be read for a fault that may pass is asked again. */
const PATIENCE_MS = 1_000;
const PAUSE_MS = 20;

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
 * so somebody else touched it or the disk is damaged. The system's error if there are no means to read it now, which
 * says nothing of the file.
 */
export async function readAttemptFile<Name extends keyof AttemptFiles>(
  folder: string,
  name: Name,
): Promise<AttemptFiles[Name] | undefined> {
  const path = join(folder, attemptFile[name]);
  try {
    const value: unknown = JSON.parse((await readPatiently(path)).toString());
    const fault = attemptFileFault(name, value);
    if (fault !== undefined) throw new Error(`what it holds ${fault}`);
    return value as AttemptFiles[Name];
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    if (isWant(error)) throw error;
    throw new AttemptFileError(path, error);
  }
}

async function readPatiently(path: string): Promise<Buffer> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await readRegularFile(path);
    } catch (error) {
      if (!mayPass(error) || performance.now() >= deadline) throw error;
      await wait(PAUSE_MS);
    }
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
