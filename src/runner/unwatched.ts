/** The clocks a watch looks at, both in milliseconds. */
export type Clocks = { readonly wallMs: number; readonly monotonicMs: number };

/** Finds the times in which nobody watched. */
export interface Unwatched {
  /** Call whenever something was awaited; `dueMs` is the monotonic time at which it should have come. */
  look(dueMs: number): number | undefined;
}

const SHORTEST_TOLERANCE_MS = 1_000;
const LONGEST_TOLERANCE_MS = 10_000;

/** How late an asking may be without being a gap: half an interval, at least a second, at most ten. */
export function toleranceOf(everyMs: number): number {
  return Math.min(Math.max(everyMs / 2, SHORTEST_TOLERANCE_MS), LONGEST_TOLERANCE_MS);
}

/**
 * Compares two clocks. A machine that sleeps shows as a wall clock that ran ahead of the monotonic one, or, where the
 * monotonic clock runs on in sleep, as lateness; so does a runner that was halted. A wall clock that was set forward can't
 * be told from sleep and is shown as a gap; one that was set back is none.
 *
 * @returns a looker that gives the length of the gap in milliseconds; undefined: none.
 */
export function createUnwatched(clocks: () => Clocks, toleranceMs: number): Unwatched {
  let before = clocks();
  return {
    look(dueMs) {
      const now = clocks();
      const sleptMs = now.wallMs - before.wallMs - (now.monotonicMs - before.monotonicMs);
      const lateMs = now.monotonicMs - dueMs;
      before = now;
      const gapMs = Math.round(Math.max(sleptMs, 0) + Math.max(lateMs, 0));
      return gapMs > toleranceMs ? gapMs : undefined;
    },
  };
}
