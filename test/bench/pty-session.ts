import pty from '@lydell/node-pty';

const COLUMNS = 160;
const ROWS = 48;
const END_OF_FRAME = '\x1b[?2026l';

/** A program on a pseudo-terminal that notes when it wrote what. Times are of `performance.now()`. */
export type PtySession = {
  readonly pid: number;
  readonly startedAt: number;
  /** Of the first bytes; undefined before. */
  readonly firstBytesAt: () => number | undefined;
  /** All bytes so far. */
  readonly bytes: () => number;
  readonly write: (keys: string) => void;
  /**
   * Writes keys and resolves with the time of the read that completed what was waited for. A program that draws
   * synchronized updates has answered with the end of the update.
   *
   * @throws {Error} if it is not there within `withinMs` (15 s where absent).
   */
  readonly answer: (
    keys: string,
    isThere: (textSince: string) => boolean,
    options?: { readonly withinMs?: number; readonly inFrames?: boolean },
  ) => Promise<number>;
  readonly text: () => string;
  readonly end: () => Promise<void>;
};

const KEPT_CHARACTERS = 200_000;

/** Starts a program on a pseudo-terminal, of 160×48 where nothing else is said. */
export function startOnPty(
  argv: readonly [string, ...string[]],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly columns?: number;
    readonly rows?: number;
    readonly onText?: (text: string) => void;
  },
): PtySession {
  const startedAt = performance.now();
  const [program, ...args] = argv;
  const terminal = pty.spawn(program, args, {
    name: 'xterm-256color',
    cols: options.columns ?? COLUMNS,
    rows: options.rows ?? ROWS,
    cwd: options.cwd,
    env: options.env,
  });
  let text = '';
  let bytes = 0;
  let firstBytesAt: number | undefined;
  let onText: (() => void) | undefined;
  terminal.onData((data) => {
    firstBytesAt ??= performance.now();
    bytes += Buffer.byteLength(data);
    text = (text + data).slice(-KEPT_CHARACTERS);
    options.onText?.(data);
    onText?.();
  });
  const over = new Promise<void>((resolve) => terminal.onExit(() => resolve()));
  return {
    pid: terminal.pid,
    startedAt,
    firstBytesAt: () => firstBytesAt,
    bytes: () => bytes,
    write: (keys) => terminal.write(keys),
    text: () => text,
    answer: (keys, isThere, { withinMs = 15_000, inFrames = true } = {}) =>
      new Promise((resolve, reject) => {
        if (keys !== '') text = '';
        const look = () => {
          const end = inFrames ? text.lastIndexOf(END_OF_FRAME) : text.length;
          if (end < 0 || !isThere(text.slice(0, end))) return;
          clearTimeout(timer);
          onText = undefined;
          resolve(performance.now());
        };
        const timer = setTimeout(() => {
          onText = undefined;
          reject(
            new Error(
              `no answer to ${JSON.stringify(keys)} within ${withinMs} ms: …${JSON.stringify(text.slice(-600))}`,
            ),
          );
        }, withinMs);
        onText = look;
        if (keys !== '') terminal.write(keys);
        else look();
      }),
    end: async () => {
      try {
        process.kill(terminal.pid, 'SIGTERM');
      } catch {
        return;
      }
      const timer = setTimeout(() => terminal.kill('SIGKILL'), 2_000);
      await over;
      clearTimeout(timer);
    },
  };
}
