import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Leftover } from './leftover.ts';

const RUNNER = /^\s*(\d+) .*\/runner\.js (\/.*\/attempts\/\d+-[^/]+)$/;

/** Runners that go on although the folder of their run is gone. Told only: what they execute is under way. */
export async function lostRunners(): Promise<readonly Leftover[]> {
  // Without a `ps` nothing can be told of processes.
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,args='], { maxBuffer: 2 ** 26 }).catch(
    () => ({
      stdout: '',
    }),
  );
  const running = stdout.split('\n').flatMap((line) => {
    const [, pid, folder] = RUNNER.exec(line) ?? [];
    return pid === undefined || folder === undefined ? [] : [{ pid, folder }];
  });
  const found = await Promise.all(
    running.map(async ({ pid, folder }): Promise<readonly Leftover[]> => {
      const isThere = await access(folder).then(
        () => true,
        () => false,
      );
      const mend = `Look at what it executes (ps -fp ${pid}); kill ${pid} ends it and its command.`;
      return isThere
        ? []
        : [{ what: 'runner without a run', path: folder, found: `pid ${pid} goes on; its folder is gone`, mend }];
    }),
  );
  return found.flat();
}
