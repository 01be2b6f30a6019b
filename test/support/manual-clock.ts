import type { RunnerClock } from '../../src/runner/clock.ts';

/** A clock that stands until it is told to go on: a day passes in no time. */
export type ManualClock = RunnerClock & {
  /** Goes to the next timer and calls it; false: none is set. */
  readonly next: () => boolean;
  /** Time passes while nothing is called: something takes long, or the process is halted. */
  readonly pass: (lengthMs: number) => void;
  /** The machine sleeps: the wall clock runs on; with `monotonicToo` the other one as well, as some systems have it. */
  readonly fallAsleep: (lengthMs: number, monotonicToo: boolean) => void;
  /** Somebody sets the wall clock. */
  readonly set: (byMs: number) => void;
  readonly timers: () => number;
};

export function createManualClock(): ManualClock {
  let wall = Date.UTC(2026, 2, 1);
  let monotonic = 0;
  const timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  return {
    wallMs: () => wall,
    monotonicMs: () => monotonic,
    timer: (delayMs, callback) => {
      const timer = { atMs: monotonic + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    next: () => {
      const [first] = [...timers].toSorted((one, other) => one.atMs - other.atMs);
      if (first === undefined) return false;
      timers.delete(first);
      const aheadMs = Math.max(0, first.atMs - monotonic);
      wall += aheadMs;
      monotonic += aheadMs;
      first.callback();
      return true;
    },
    pass: (lengthMs) => {
      wall += lengthMs;
      monotonic += lengthMs;
    },
    fallAsleep: (lengthMs, monotonicToo) => {
      wall += lengthMs;
      if (monotonicToo) monotonic += lengthMs;
    },
    set: (byMs) => {
      wall += byMs;
    },
    timers: () => timers.size,
  };
}
