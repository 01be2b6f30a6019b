import { spawnOnPty } from '../runner/spawn-on-pty.ts';

/**
 * Opens a pseudo-terminal as a step does, and runs `true` in it. Resolves with what is wrong; undefined: it works.
 *
 * @param timeoutMs after which it is given up.
 */
export async function tryTerminal(input: {
  readonly cwd: string;
  readonly timeoutMs: number;
}): Promise<string | undefined> {
  const { cwd, timeoutMs } = input;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
  });
  try {
    return await Promise.race([late, trueInTerminal(cwd)]);
  } finally {
    clearTimeout(timer);
  }
}

async function trueInTerminal(cwd: string): Promise<string | undefined> {
  try {
    const child = await spawnOnPty({
      argv: ['/bin/sh', '-c', 'exit 0'],
      cwd,
      env: {},
      columns: 80,
      rows: 24,
      take: () => {},
    });
    const exit = await child.exit;
    if (exit.kind === 'exited' && exit.status === 0) return undefined;
    return exit.kind === 'killed'
      ? `a command in it was killed by ${exit.signal}`
      : `a command in it ended with ${exit.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
