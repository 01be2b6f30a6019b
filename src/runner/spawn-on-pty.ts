import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { ReadStream } from 'node:tty';
import { type Child, type ChildInput, type Exit, SpawnError } from './child.ts';
import { createDrain } from './drain.ts';

type Terminal = import('@lydell/node-pty').IPty;
/** How often it is looked whether a command that closed its terminal has ended, at the least. */
const LONGEST_LOOK_MS = 64;
/** What a terminal has beyond its declared type (@lydell/node-pty 1.1.0, unixTerminal.js). */
type TerminalInside = { readonly _socket: ReadStream; write(data: Uint8Array): void };

/**
 * Starts a command on a pseudo-terminal of its own.
 *
 * @throws {SpawnError} if no pseudo-terminal can be had: no binary for this platform, or the system has none left.
 */
export async function spawnOnPty(input: ChildInput): Promise<Child> {
  const terminal = await open(input);
  const inside = terminal as unknown as TerminalInside;
  const socket = inside._socket;
  const drain = createDrain();
  socket.on('data', (bytes: Buffer) => {
    drain.noticed(bytes.length);
    input.take(bytes, 'terminal');
  });
  // The library throws what it does not expect unless somebody else listens: EPIPE, when something is typed, or a query is
  // answered, after the command closed its terminal. The command's end is told by its exit alone.
  socket.on('error', () => undefined);
  // The library destroys the terminal 200 ms after the exit, read or not; after a slow disk's pause that would lose output.
  const destroy = socket.destroy.bind(socket);
  const closed = new Promise<void>((resolve) => socket.once('close', resolve));
  socket.destroy = (error) => {
    // The other side's end (EIO on Linux): everything before it has been read. A command that closes all it has before it
    // exits, as rm does, would be killed by SIGHUP if this side were closed now.
    const isOver = error !== undefined || socket.readableEnded;
    void (isOver ? gone(terminal.pid) : drain.done(closed)).then(() => destroy(error));
    return socket;
  };
  const exit = new Promise<Exit>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => resolve(exitOf(exitCode, signal ?? 0)));
  });
  await leads(terminal.pid);
  return {
    pid: terminal.pid,
    on: 'pty',
    exit,
    hasEnded: () => !isThere(terminal.pid) || isZombie(terminal.pid),
    write: (bytes) => inside.write(bytes),
    resize: (columns, rows) => {
      try {
        terminal.resize(columns, rows);
      } catch {
        // The terminal is closed already, or the size is none: what is drawn stays as it was.
      }
    },
  };
}

/** The one place that loads the native library: where its platform package is missing, importing it throws. */
async function open(input: ChildInput): Promise<Terminal> {
  try {
    const library = await import('@lydell/node-pty');
    return library.spawn(input.argv[0] ?? '', input.argv.slice(1), {
      name: 'xterm-256color',
      cols: input.columns,
      rows: input.rows,
      cwd: input.cwd,
      env: { ...input.env },
      encoding: null,
    });
  } catch (error) {
    throw new SpawnError(error instanceof Error ? error.message : String(error));
  }
}

/** Resolves when a process is reaped; the library does that at once, but tells of it only after the terminal's end. */
async function gone(pid: number): Promise<void> {
  for (let delayMs = 1; isThere(pid); delayMs = Math.min(delayMs * 2, LONGEST_LOOK_MS)) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

/** The library returns before the child leads a session of its own: until it does, a signal to its group reaches nobody. */
async function leads(pid: number): Promise<void> {
  while (isThere(pid) && !isThere(-pid)) await new Promise((resolve) => setTimeout(resolve, 1));
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The library waits for it in a thread of its own, which may not have come to it yet. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

function exitOf(status: number, signal: number): Exit {
  if (signal === 0) return { kind: 'exited', status };
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { kind: 'killed', signal: name ?? `signal ${signal}` };
}
