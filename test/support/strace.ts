import { execFileSync } from 'node:child_process';

/** Why nothing can be traced here; undefined: it can. */
export function straceIsMissing(): string | undefined {
  try {
    execFileSync('strace', ['-qq', '-e', 'trace=none', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'wants strace: apt-get install strace, and be allowed to trace';
  }
}
