import { join } from 'node:path';
import { resultFault } from '../run/result-fault.ts';
import type { AttemptResult, AttemptSpec, CommandRecord, ReadyRecord, StartedRecord } from '../runner/spec.ts';
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

type Contents = {
  readonly spec: AttemptSpec;
  readonly started: StartedRecord;
  readonly command: CommandRecord;
  readonly ready: ReadyRecord;
  readonly result: AttemptResult;
};

/**
 * Reads one of an attempt's JSON files; undefined if it isn't there.
 *
 * @throws {AttemptFileError} if it is there and can't be read or is no JSON object: such files are written atomically,
 * so somebody else touched it or the disk is damaged.
 */
export async function readAttemptFile<Name extends keyof Contents>(
  folder: string,
  name: Name,
): Promise<Contents[Name] | undefined> {
  const path = join(folder, attemptFile[name]);
  try {
    const value: unknown = JSON.parse((await readRegularFile(path)).toString());
    if (typeof value !== 'object' || value === null) throw new Error('it holds no JSON object');
    const fault = name === 'result' ? resultFault(value) : undefined;
    if (fault !== undefined) throw new Error(`what it holds ${fault}`);
    return value as Contents[Name];
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    throw new AttemptFileError(path, error);
  }
}

/** A file of an attempt is there and can't be used. */
export class AttemptFileError extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'AttemptFileError';
  }
}
