import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Child, type ChildInput, type Exit, SpawnError } from './child.ts';
import { createDrain } from './drain.ts';

/**
 * Starts a command on plain pipes in a session of its own. node:child_process and not execa: loading execa would double
 * the time until the command runs, and nothing of it is needed here.
 *
 * @param canType false: nothing is to be read on its standard input, which ends at once.
 * @throws {SpawnError} if it can't be started.
 */
export async function spawnOnPipes(input: ChildInput, canType: boolean): Promise<Child> {
  const child = begun(input, canType);
  const pid = child.pid;
  if (pid === undefined) {
    const error = await new Promise<Error>((resolve) => child.once('error', resolve));
    throw new SpawnError(error.message);
  }
  const drain = createDrain();
  const read = (source: 'stdout' | 'stderr') => (bytes: Uint8Array) => {
    drain.noticed(bytes.length);
    input.take(bytes, source);
  };
  child.stdout?.on('data', read('stdout'));
  child.stderr?.on('data', read('stderr'));
  // A command that does not read what was typed closes its end: that is its right.
  child.stdin?.on('error', () => undefined);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (status, signal) =>
      resolve(signal === null ? { kind: 'exited', status: status ?? 0 } : { kind: 'killed', signal }),
    );
  });
  const ended = Promise.all([endOf(child.stdout), endOf(child.stderr)]).then(() => undefined);
  const exit = exited.then(async (how) => {
    await drain.done(ended);
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.stdin?.destroy();
    return how;
  });
  return {
    pid,
    on: 'pipes',
    exit,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    write: (bytes) => void child.stdin?.write(bytes),
    resize: () => undefined,
  };
}

/** What the system refuses at once (no memory, too long an environment) is thrown by Node; the rest comes as an event. */
function begun({ argv, cwd, env }: ChildInput, canType: boolean) {
  try {
    const stdin = canType ? 'pipe' : 'ignore';
    return spawn(argv[0] ?? '', argv.slice(1), { cwd, env, detached: true, stdio: [stdin, 'pipe', 'pipe'] });
  } catch (error) {
    throw new SpawnError(error instanceof Error ? error.message : String(error));
  }
}

function endOf(stream: Readable | null): Promise<void> {
  return new Promise((resolve) => {
    if (stream === null) resolve();
    else stream.once('close', resolve);
  });
}
