import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** The folder of control sockets is somebody else's, or open to others. */
export class SocketFolderError extends Error {
  constructor(folder: string, cause?: unknown) {
    super(
      cause instanceof Error
        ? `The sockets of running steps need ${folder}, which can't be made: ${cause.message}. Make room in /tmp, then try again.`
        : `${folder} is not a private folder of yours; remove it, then try again`,
      { cause },
    );
    this.name = 'SocketFolderError';
  }
}

/** Where the folder of control sockets is or will be. */
export function socketFolderPath(): string {
  return join('/tmp', `runbook-${userInfo().uid}`);
}

/**
 * The folder of control sockets. Short, because a unix socket's path has at most 104 bytes on macOS; not below the run,
 * and not in a folder that a logout empties.
 *
 * @throws {SocketFolderError} if it can't be made, or is there and not private.
 */
export function socketFolder(): string {
  const folder = socketFolderPath();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SocketFolderError(folder, error);
  }
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o077) !== 0)
    throw new SocketFolderError(folder);
  return folder;
}

/** The control socket of one attempt. */
export function socketPath(folder: string, runDir: string, attempt: number): string {
  const run = createHash('sha256').update(runDir).digest('hex').slice(0, 16);
  return join(folder, `${run}-${attempt}.sock`);
}
