import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { attemptFile } from '../adapters/attempt-files.ts';
import type { AttemptSpec, RunnerSecrets } from './spec.ts';

/** The runner was not given what it needs; nothing was executed. */
export class RunnerInputError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RunnerInputError';
  }
}

/**
 * Reads what an attempt is to do.
 *
 * @throws {RunnerInputError} if there is no spec, or one of another version.
 */
export async function readSpec(folder: string): Promise<AttemptSpec> {
  const path = join(folder, attemptFile.spec);
  try {
    const spec = JSON.parse(await readFile(path, 'utf8')) as AttemptSpec;
    if (spec.version === 1) return spec;
  } catch (error) {
    throw new RunnerInputError(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new RunnerInputError(`${path} is of a version this program does not know`);
}

/**
 * Reads the secrets' values: one JSON line, up to the end of the input. Whoever was to send them may have died in the
 * middle, so anything incomplete is refused.
 *
 * @throws {RunnerInputError} if it is not a complete line with every name; the message holds no value.
 */
export async function readSecrets(input: Readable, names: readonly string[]): Promise<RunnerSecrets> {
  const pieces: Buffer[] = [];
  for await (const piece of input as AsyncIterable<Buffer>) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    throw new RunnerInputError('the secrets did not come in completely on the standard input');
  }
  const found: Record<string, string> = {};
  for (const name of names) {
    const value: unknown = typeof values === 'object' && values !== null ? Reflect.get(values, name) : undefined;
    if (typeof value !== 'string') throw new RunnerInputError(`the secret ${name} did not come in`);
    found[name] = value;
  }
  return found;
}
