/** Where time comes from; a test brings its own. */
export type ClockTimers = {
  /** Milliseconds from any point, never going back. */
  readonly now: () => number;
  /** Calls back once after a time; returns how to prevent it. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
  /** Calls back when the current event is dealt with. */
  readonly soon: (callback: () => void) => void;
};

/**
 * The one clock of the screen: coalesces requests for frames and ticks what moves by itself. Where
 * nothing is asked for and nothing ticks, it has no timer.
 */
export type FrameClock = {
  /** A key's frame is drawn as soon as the key is dealt with; one for output waits for its turn. */
  readonly requestFrame: (cause: 'key' | 'output') => void;
  /** Calls back every `intervalMs`, never twice for a time that was missed; returns how to stop. */
  readonly every: (intervalMs: number, tick: () => void) => () => void;
  /** Ends everything; later requests do nothing. */
  readonly stop: () => void;
};

const realTimers: ClockTimers = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  soon: queueMicrotask,
};

/**
 * @param options.draw draws what there is now
 * @param options.frameIntervalMs the least time between two frames for output, asked anew for each
 */
export function createFrameClock(options: {
  readonly draw: () => void;
  readonly frameIntervalMs: () => number;
  readonly timers?: ClockTimers;
}): FrameClock {
  const { draw, frameIntervalMs, timers = realTimers } = options;
  const tickers = new Set<{ readonly intervalMs: number; readonly tick: () => void; dueAt: number }>();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isFrameWanted = false;
  let isKeyWaiting = false;
  let isStopped = false;
  let cancel: (() => void) | undefined;

  const drawNow = (): void => {
    isFrameWanted = false;
    drawnAt = timers.now();
    draw();
  };
  const wake = (): void => {
    cancel = undefined;
    const now = timers.now();
    for (const ticker of Array.from(tickers)) {
      if (ticker.dueAt > now || !tickers.has(ticker)) continue;
      ticker.dueAt = now + ticker.intervalMs;
      ticker.tick();
    }
    if (!isStopped && isFrameWanted && timers.now() >= drawnAt + frameIntervalMs()) drawNow();
    schedule();
  };
  const schedule = (): void => {
    cancel?.();
    cancel = undefined;
    if (isStopped) return;
    let dueAt = isFrameWanted ? drawnAt + frameIntervalMs() : Number.POSITIVE_INFINITY;
    for (const ticker of tickers) dueAt = Math.min(dueAt, ticker.dueAt);
    // A timer may come a little early: one millisecond more rather than a second round.
    if (dueAt < Number.POSITIVE_INFINITY) cancel = timers.after(Math.max(0, Math.ceil(dueAt - timers.now())), wake);
  };

  return {
    requestFrame: (cause) => {
      if (isStopped) return;
      if (cause === 'output') {
        if (isFrameWanted) return;
        isFrameWanted = true;
        schedule();
      } else if (!isKeyWaiting) {
        isKeyWaiting = true;
        timers.soon(() => {
          isKeyWaiting = false;
          if (isStopped) return;
          const hadTimer = isFrameWanted;
          drawNow();
          if (hadTimer) schedule();
        });
      }
    },
    every: (intervalMs, tick) => {
      const ticker = { intervalMs, tick, dueAt: timers.now() + intervalMs };
      tickers.add(ticker);
      schedule();
      return () => {
        if (tickers.delete(ticker)) schedule();
      };
    },
    stop: () => {
      isStopped = true;
      tickers.clear();
      cancel?.();
      cancel = undefined;
    },
  };
}
