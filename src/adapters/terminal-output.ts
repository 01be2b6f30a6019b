import { writeSync } from 'node:fs';
import type { Grid } from '../live/cells.ts';
import { diff } from '../live/compositor.ts';
import { createScreenTracker, ENTER_SCREEN, LEAVE_SCREEN, resetModes } from './terminal-modes.ts';

/** What is used of the operator's `process.stdout`. */
export type TerminalStream = Pick<NodeJS.WriteStream, 'on' | 'off' | 'writableLength' | 'destroyed'> & {
  readonly columns?: number;
  readonly rows?: number;
  readonly fd?: number;
  write(data: string | Uint8Array, onDone: () => void): boolean;
};

/** What is used of `process.stdin` here: keys as they come, or lines. */
export type RawModeSwitch = { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };

/**
 * The operator's terminal. Only whole frames are drawn, each as the difference to what was sent
 * before. While it does not take what was written, nothing more is: frames in between are dropped,
 * the newest is drawn when it does. Nothing here waits for the terminal or throws because it is gone.
 */
export type TerminalOutput = {
  /** Its size now; 80×24 where it tells none. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Calls back when the size has changed; returns how to stop. The next frame is then drawn in full. */
  readonly onResize: (listener: () => void) => () => void;
  /** Takes the terminal: alternate screen, raw mode; draws the newest frame. Does nothing where it has it. */
  readonly enter: () => void;
  /** Gives it back as it was. Resolves when the terminal took that, at the latest after `withinMs` (1 s where absent). */
  readonly leave: (withinMs?: number) => Promise<void>;
  /** The same at once, for the process's `exit` event; does not wait for a terminal that takes nothing. */
  readonly leaveNow: () => void;
  /** Draws a frame; `compose` is called when it is its turn, or never if a newer one came first. */
  readonly show: (compose: () => Grid) => void;
  /** Draws the newest frame in full: after Ctrl-L, or when others wrote to the terminal. */
  readonly repaint: () => void;
  /** Gives the terminal to a command: the normal screen, a cursor, keys still raw. Nothing is drawn until `takeBack`. */
  readonly handOver: () => void;
  /** Writes a command's bytes as they are, while handed over; resolves when the terminal took them. */
  readonly passThrough: (bytes: Uint8Array) => Promise<void>;
  /** Ends the hand-over: every mode the command may have set is reset, and the newest frame drawn. */
  readonly takeBack: () => void;
  /** Leaves, stops the process and its group as Ctrl-Z does, and is back when it is continued. */
  readonly suspend: () => Promise<void>;
  /** Calls off the return of `suspend`: the process was continued only to end, and the terminal is the shell's. */
  readonly stayAway: () => void;
  /** The least time between frames for output that the terminal and its line keep up with. */
  readonly frameIntervalMs: () => number;
  /** Whether the terminal is gone: a write to it failed. */
  readonly isGone: () => boolean;
};

const FASTEST_FRAME_MS = 33;
const SLOWEST_FRAME_MS = 1000;
const SLOW_WRITE_MS = 20;
const RECOVERY = 0.97;
const LEAVE_WITHIN_MS = 1000;
/** What output that floods may put on the line: who fills it pays with a queue before every key. */
const FLOOD_BYTES_PER_MS = 50;
const SLOWEST_FLOOD_FRAME_MS = 250;
/** How much the newest frame counts in the average: after a flood the pace is back within some frames. */
const NEWEST_FRAME_WEIGHT = 0.3;

type Handle = { readonly setBlocking?: (isBlocking: boolean) => unknown; readonly fd?: number };

/** Wraps the streams; from now on writes to `stdout` never block, and its errors never throw. */
export function createTerminalOutput(options: {
  readonly stdout: TerminalStream;
  readonly stdin: RawModeSwitch;
  /** Called once when a write fails: nobody sees the screen any more. */
  readonly onGone?: () => void;
}): TerminalOutput {
  const { stdout, stdin } = options;
  let mode: 'away' | 'shown' | 'handedOver' = 'away';
  let isGone = false;
  let sent: Grid | undefined;
  let wanted: (() => Grid) | undefined;
  let newest: (() => Grid) | undefined;
  let pendingWrites = 0;
  let isRestored = true;
  let isReturning = false;
  let handedScreen = createScreenTracker();
  const restoring = (): string => (mode === 'handedOver' ? resetModes(handedScreen.isAlternate()) : LEAVE_SCREEN);
  const pace = createPace();
  // Node makes terminals blocking: a frozen line would stop the whole program (no public interface for it).
  const handle = (stdout as { readonly _handle?: Handle })._handle;
  handle?.setBlocking?.(false);
  stdout.on('error', () => {
    if (isGone) return;
    isGone = true;
    options.onGone?.();
  });

  const write = (data: string | Uint8Array): Promise<void> => {
    if (isGone || stdout.destroyed) return Promise.resolve();
    const startedAt = performance.now();
    pendingWrites++;
    return new Promise((resolve) => {
      let isTaken = false;
      const taken = (): void => {
        if (!isTaken) pace.took(performance.now() - startedAt);
        isTaken = true;
      };
      stdout.write(data, () => {
        pendingWrites--;
        taken();
        resolve();
        flush();
      });
      if (stdout.writableLength === 0) taken();
    });
  };
  const flush = (): void => {
    if (mode !== 'shown' || pendingWrites > 0 || wanted === undefined) return;
    const next = wanted();
    wanted = undefined;
    const bytes = diff(sent, next);
    sent = next;
    if (bytes === '') return;
    pace.sent(Buffer.byteLength(bytes));
    void write(bytes);
  };
  const setRaw = (isRaw: boolean): void => {
    if (stdin.isTTY !== true) return;
    try {
      stdin.setRawMode?.(isRaw);
    } catch {
      // The terminal is gone; its error event says so.
    }
  };
  const enter = (): void => {
    if (mode === 'shown') return;
    mode = 'shown';
    isRestored = false;
    // In one write: what was asked for before is seen at once, however busy the program is after this.
    sent = newest?.();
    wanted = undefined;
    setRaw(true);
    void write(sent === undefined ? ENTER_SCREEN : ENTER_SCREEN + diff(undefined, sent));
  };
  const leave = async (withinMs = LEAVE_WITHIN_MS): Promise<void> => {
    if (mode === 'away') return;
    const bytes = restoring();
    mode = 'away';
    // Changing the mode waits on some systems for the terminal to take what was written: so only once it did.
    const written = write(bytes).then(() => {
      if (mode !== 'away') return;
      setRaw(false);
      isRestored = true;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([written, late]);
    clearTimeout(timer);
  };
  const comeBack = (): void => {
    if (!isReturning) return;
    isReturning = false;
    enter();
    // The size may have changed while we were stopped, and that signal was for others: Node asks again.
    process.kill(process.pid, 'SIGWINCH');
  };

  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    onResize: (listener) => {
      const resized = (): void => {
        sent = undefined;
        listener();
      };
      stdout.on('resize', resized);
      return () => stdout.off('resize', resized);
    },
    enter,
    leave,
    leaveNow: () => {
      if (isRestored) return;
      isRestored = true;
      const bytes = restoring();
      mode = 'away';
      // Where the line is frozen this could wait for ever; Node itself resets the mode as it exits.
      if (stdout.writableLength === 0) setRaw(false);
      writeAtOnce(handle?.fd ?? stdout.fd, bytes);
    },
    show: (compose) => {
      newest = compose;
      wanted = compose;
      flush();
    },
    repaint: () => {
      sent = undefined;
      wanted = newest;
      flush();
    },
    handOver: () => {
      if (mode !== 'shown') return;
      mode = 'handedOver';
      handedScreen = createScreenTracker();
      void write(LEAVE_SCREEN);
    },
    passThrough: async (bytes) => {
      if (mode !== 'handedOver') return;
      handedScreen.see(bytes);
      await write(bytes);
    },
    takeBack: () => {
      if (mode !== 'handedOver') return;
      void write(restoring());
      enter();
    },
    suspend: async () => {
      if (mode !== 'shown') return;
      await leave();
      isReturning = true;
      process.once('SIGCONT', () => {
        // What asks to end is there with it (`kill %1`), in either order; taking a terminal that is not ours would stop
        // the process once more, before it could.
        setImmediate(comeBack);
      });
      process.kill(0, 'SIGSTOP');
    },
    stayAway: () => {
      isReturning = false;
    },
    frameIntervalMs: pace.frameIntervalMs,
    isGone: () => isGone,
  };
}

type Pace = {
  readonly sent: (bytes: number) => void;
  readonly took: (durationMs: number) => void;
  readonly frameIntervalMs: () => number;
};

/**
 * One write that was slow halves the frame rate; quick ones bring it back little by little. Large frames come at longer
 * intervals, so that a flood costs so many bytes a second and no more.
 */
function createPace(): Pace {
  let intervalMs = FASTEST_FRAME_MS;
  let frameBytes = 0;
  return {
    sent: (bytes) => {
      frameBytes += (bytes - frameBytes) * NEWEST_FRAME_WEIGHT;
    },
    took: (durationMs) => {
      if (durationMs > SLOW_WRITE_MS) intervalMs = Math.min(SLOWEST_FRAME_MS, intervalMs * 2);
      else intervalMs = Math.max(FASTEST_FRAME_MS, intervalMs * RECOVERY);
    },
    frameIntervalMs: () => Math.max(intervalMs, Math.min(SLOWEST_FLOOD_FRAME_MS, frameBytes / FLOOD_BYTES_PER_MS)),
  };
}

/** The process ends after this: what can't be written now never will be. */
function writeAtOnce(fd: number | undefined, bytes: string): void {
  if (fd === undefined || fd < 0) return;
  try {
    writeSync(fd, bytes);
  } catch {
    // Full (EAGAIN) or gone (EIO, EPIPE): there is nobody to tell.
  }
}
