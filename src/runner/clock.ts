/** The time as a runner sees it; a manual one lets a day's watch be tried in a second. */
export interface RunnerClock {
  /** Milliseconds since the epoch; may be set. */
  wallMs(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
  /** Calls back once after a length of time; returns how to take it back. */
  timer(delayMs: number, callback: () => void): () => void;
}

export const systemClock: RunnerClock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  timer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
