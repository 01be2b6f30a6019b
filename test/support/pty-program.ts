import { join } from 'node:path';
import pty from '@lydell/node-pty';
import { createScreen, type Screen } from './screen.ts';
import { waitFor } from './wait-for.ts';

/** Keys that have no character of their own, as a terminal sends them. */
export const keys = {
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  ctrlC: '\x03',
  ctrlG: '\x07',
  ctrlL: '\x0c',
  ctrlZ: '\x1a',
} as const;

/** How a process ended: exactly one of the two is set. */
export type ExitStatus = { readonly code: number; readonly signal: number };

/** A program in a real pseudo-terminal, and what an operator would see of it. */
export type PtyProgram = {
  readonly pid: number;
  /** Types; keys given at once arrive in one burst, those of two calls as far apart as a person types them. */
  readonly press: (text: string) => void;
  readonly screen: Screen;
  readonly screenText: () => string;
  /**
   * Resolves with the text of the screen once a whole frame fits; 30 s where no limit is given.
   *
   * @throws {Error} showing the screen.
   */
  readonly waitForScreen: (
    wanted: string | RegExp | ((text: string) => boolean),
    options?: { readonly withinMs?: number },
  ) => Promise<string>;
  /** Calls with the text of the screen after each whole frame; returns how to end that. */
  readonly watchFrames: (listener: (text: string) => void) => () => void;
  /** Every byte the terminal has received so far. */
  readonly bytes: () => Buffer;
  readonly resize: (columns: number, rows: number) => void;
  /** The terminal takes nothing any more, as a line does that is frozen; what is typed still arrives. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** Sends the process a signal, and only it: commands have their own sessions. */
  readonly killScreen: (signal: NodeJS.Signals) => void;
  /** Closes the terminal itself, as a lost connection does. */
  readonly closeTerminal: () => void;
  /** Resolves when the process has ended and all its bytes are on the screen. */
  readonly exited: (options?: { readonly withinMs?: number }) => Promise<ExitStatus>;
  /** Kills what is left of it. */
  readonly dispose: () => void;
};

/** Keys closer together than 30 ms, and the same key within 50, are one burst; a busy machine delivers them late. */
const BETWEEN_KEYS_MS = 150;

/** What a frame ends with: before it, a half may be on the screen. */
const FRAME_END = Buffer.from('\x1b[?2026l');

/** Starts a command in a terminal of a given size (120×40 where absent). */
export function startInPty(
  command: readonly [string, ...(readonly string[])],
  options: {
    readonly cwd: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly columns?: number;
    readonly rows?: number;
  },
): PtyProgram {
  const { cwd, environment, columns = 120, rows = 40 } = options;
  const [file, ...args] = command;
  const child = pty.spawn(file, args, {
    cols: columns,
    rows,
    cwd,
    env: environment,
    name: 'xterm-256color',
    encoding: null,
  });
  const screen = createScreen(columns, rows);
  const chunks: Buffer[] = [];
  let drawn: Promise<void> = Promise.resolve();
  let typed: Promise<void> = Promise.resolve();
  let status: ExitStatus | undefined;
  const watchers = new Set<(text: string) => void>();
  // Without an encoding it hands over bytes, whatever its types say.
  child.onData((data: string | Uint8Array) => {
    const bytes = Buffer.from(data as Uint8Array);
    chunks.push(bytes);
    drawn = screen.write(bytes).then(() => {
      if (bytes.subarray(-FRAME_END.length).equals(FRAME_END)) for (const watcher of watchers) watcher(screenText());
    });
  });
  child.onExit(({ exitCode, signal }) => {
    status = { code: exitCode, signal: signal ?? 0 };
  });
  const screenText = () => screen.rows().join('\n');
  const fits = (wanted: string | RegExp | ((text: string) => boolean)) => {
    const text = screenText();
    if (typeof wanted === 'string') return text.includes(wanted);
    return wanted instanceof RegExp ? wanted.test(text) : wanted(text);
  };
  return {
    pid: child.pid,
    press: (text) => {
      typed = typed
        .then(() => new Promise((resolve) => setTimeout(resolve, BETWEEN_KEYS_MS)))
        .then(() => {
          if (status === undefined) child.write(text);
        });
    },
    screen,
    screenText,
    waitForScreen: async (wanted, { withinMs = 30_000 } = {}) => {
      const what = typeof wanted === 'function' ? wanted.toString() : JSON.stringify(String(wanted));
      // A terminal shows nothing of a frame before its end.
      const isWhole = () => !screen.modes().synchronizedOutputMode;
      await waitFor(() => isWhole() && fits(wanted), { withinMs, what }).catch((error: Error) => {
        const ending = status === undefined ? '' : `, and it has ended with ${JSON.stringify(status)}`;
        throw new Error(`${error.message}${ending}; the screen:\n${screenText()}`);
      });
      return screenText();
    },
    watchFrames: (listener) => {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    bytes: () => Buffer.concat(chunks),
    resize: (newColumns, newRows) => {
      screen.resize(newColumns, newRows);
      child.resize(newColumns, newRows);
    },
    freeze: () => child.pause(),
    thaw: () => child.resume(),
    killScreen: (signal) => {
      process.kill(child.pid, signal);
    },
    closeTerminal: () => (child as typeof child & { destroy: () => void }).destroy(),
    exited: async ({ withinMs = 30_000 } = {}) => {
      const ended = await waitFor(() => status, { withinMs, what: `the end of ${command.join(' ')}` }).catch(
        (error: Error) => {
          throw new Error(`${error.message}; the screen:\n${screenText()}`);
        },
      );
      await drawn;
      return ended;
    },
    dispose: () => {
      if (status === undefined) child.kill('SIGKILL');
      screen.dispose();
    },
  };
}

/** The folder of this package. */
export const packageDir = join(import.meta.dirname, '..', '..');
