import { lstat, readdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { processStartTime } from '../../adapters/process-identity.ts';
import type { Leftover } from './leftover.ts';

const SOCKET = /^[0-9a-f]{16}-\d+\.sock(?:\.(\d+))?$/;
const ANSWER_MS = 1_000;

/** Control sockets nobody listens on. A runner listens before its socket gets its name, so such a one never will be. */
export async function socketLeftovers(folder: string): Promise<readonly Leftover[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => ((await isDead(folder, name)) ? [leftover(folder, name)] : [])),
  );
  return found.flat();
}

function leftover(folder: string, name: string): Leftover {
  const path = join(folder, name);
  return {
    what: 'control socket',
    path,
    found: 'nobody listens on it',
    remove: async () => {
      if (!(await isDead(folder, name))) return false;
      await unlink(path);
      return true;
    },
  };
}

async function isDead(folder: string, name: string): Promise<boolean> {
  const match = SOCKET.exec(name);
  if (match === null) return false;
  const owner = match[1];
  // One that is still being made has its maker's pid in its name.
  if (owner !== undefined && (await processStartTime(Number(owner))) !== undefined) return false;
  const path = join(folder, name);
  const isSocket = await lstat(path).then(
    (stats) => stats.isSocket(),
    () => false,
  );
  return isSocket && (await isRefused(path));
}

/** Only a refusal proves it: one that does not answer may be busy, or halted. */
function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (refused: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refused);
    };
    const timer = setTimeout(() => end(false), ANSWER_MS);
    socket.once('connect', () => end(false));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED'));
  });
}
