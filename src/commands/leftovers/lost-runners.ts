import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { hasCode } from '../../adapters/durable-file.ts';
import type { Leftover } from './leftover.ts';

const RUNNER = /^\s*(\d+)\s+(\d+)\s+.*\/runner\.js (\/.*\/attempts\/\d+-[^/]+)$/;

/** Runners of this user that go on although the folder of their run is gone. Told only: what they execute is under way. */
export async function lostRunners(): Promise<readonly Leftover[]> {
  // Without a `ps` nothing can be told of processes.
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,uid=,args='], {
    maxBuffer: 2 ** 26,
  }).catch(() => ({ stdout: '' }));
  const running = stdout.split('\n').flatMap((line) => {
    const [, pid, uid, folder] = RUNNER.exec(line) ?? [];
    return pid === undefined || folder === undefined || Number(uid) !== userInfo().uid ? [] : [{ pid, folder }];
  });
  const found = await Promise.all(
    running.map(async ({ pid, folder }): Promise<readonly Leftover[]> => {
      if (!(await isGone(folder))) return [];
      const mend = `Look at what it executes (ps -fp ${pid}); kill ${pid} ends it and its command.`;
      return [{ what: 'runner without a run', path: folder, found: `pid ${pid} goes on; its folder is gone`, mend }];
    }),
  );
  return found.flat();
}

/** Only an absence counts: a folder that may not be looked into is there. */
async function isGone(folder: string): Promise<boolean> {
  return access(folder).then(
    () => false,
    (error: unknown) => hasCode(error, 'ENOENT'),
  );
}
