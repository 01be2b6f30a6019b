import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A real file system of a few hundred kilobytes that a test fills and empties. */
export type SmallDisk = { readonly fill: () => void; readonly makeRoom: () => void };

type Context = {
  readonly skip: (note: string) => void;
  readonly onTestFinished: (fn: () => void) => void;
};

/** Mounts one at a folder, for one test; where that can't be done the test is left out. */
export function smallDisk(folder: string, context: Context): SmallDisk {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=700', 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    context.skip('a file system of its own: run the tests as root on Linux, where mounting is allowed');
  }
  context.onTestFinished(() => {
    // Lazily: a process of the test may still have a file open there.
    execFileSync('umount', ['-l', folder]);
  });
  const ballast = join(folder, 'ballast');
  return {
    fill: () => {
      const page = Buffer.alloc(4096);
      try {
        for (;;) writeFileSync(ballast, page, { flag: 'a' });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    },
    makeRoom: () => rmSync(ballast),
  };
}
