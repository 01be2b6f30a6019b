import type { Clock } from '../engine/ports.ts';
import type { Feed } from '../live/system.ts';

/** While something comes; the longest where nothing does. */
const BUSY_MS = 100;
const FIRST_IDLE_MS = 250;
const LONGEST_IDLE_MS = 1_000;
const SLOWER = 1.5;

/**
 * Polls again and again until it is closed: soon where there was something, less and less often where there is nothing.
 *
 * @param of.poll resolves to whether there was anything; never rejects, and is never called while it still runs
 * @param of.closed called once, when no poll runs any more
 */
export function createPolling(of: {
  readonly clock: Clock;
  readonly poll: () => Promise<boolean>;
  readonly closed: () => Promise<void>;
}): Feed & { readonly soon: () => void } {
  let isClosed = false;
  let isPolling = false;
  let isWantedSoon = false;
  let pauseMs = FIRST_IDLE_MS;
  let cancel: () => void = () => undefined;

  const poll = async () => {
    isPolling = true;
    isWantedSoon = false;
    const isBusy = await of.poll();
    isPolling = false;
    if (isClosed) {
      await of.closed();
      return;
    }
    const idleMs = Math.min(LONGEST_IDLE_MS, pauseMs * SLOWER);
    pauseMs = isBusy ? FIRST_IDLE_MS / SLOWER : idleMs;
    plan(isBusy || isWantedSoon ? BUSY_MS : pauseMs);
  };
  const plan = (delayMs: number) => {
    cancel();
    cancel = of.clock.after(delayMs, () => void poll());
  };
  plan(0);
  return {
    close() {
      if (isClosed) return;
      isClosed = true;
      cancel();
      if (!isPolling) void of.closed();
    },
    soon() {
      isWantedSoon = true;
      if (!isPolling && !isClosed) plan(0);
    },
  };
}
