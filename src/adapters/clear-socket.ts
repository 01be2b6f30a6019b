import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AttemptFileError, readAttemptFile } from './attempt-files.ts';

/** Removes the control socket of an attempt whose runner is gone, under its name or its first one; what can't be is left. */
export async function clearSocket(folder: string): Promise<void> {
  const spec = await readAttemptFile(folder, 'spec').catch((error: unknown) => {
    if (error instanceof AttemptFileError) return undefined;
    throw error;
  });
  if (spec === undefined) return;
  const sockets = dirname(spec.socketPath);
  const name = basename(spec.socketPath);
  // A runner that lost the start still listens under its first name, but nobody asks it any more.
  const names = (await readdir(sockets).catch(() => [])).filter((one) => one === name || one.startsWith(`${name}.`));
  await Promise.all(names.map((one) => unlink(join(sockets, one)).catch(() => undefined)));
}
