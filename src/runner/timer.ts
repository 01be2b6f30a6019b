import { type RunnerClock, systemClock } from './clock.ts';

/** setTimeout can't wait longer: it would call back at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls back once after a length of time, weeks too. The time a machine sleeps may or may not count, as the system's
 * monotonic clock does.
 *
 * @returns how to take it back.
 */
export function after(delayMs: number, callback: () => void, clock: RunnerClock = systemClock): () => void {
  const deadline = clock.monotonicMs() + delayMs;
  let cancel: () => void;
  const wait = () => {
    const restMs = deadline - clock.monotonicMs();
    if (restMs <= 0) callback();
    else cancel = clock.timer(Math.min(restMs, LONGEST_TIMER_MS), wait);
  };
  cancel = clock.timer(Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS), wait);
  return () => cancel();
}

/** Waits; ends at once, without an error, when the signal is aborted. */
export function sleep(delayMs: number, signal: AbortSignal, clock: RunnerClock = systemClock): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = after(delayMs, done, clock);
    signal.addEventListener('abort', done);
  });
}

/** Time of day of a line in an output, on the operator's clock. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
