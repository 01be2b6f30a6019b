import type { Clock } from '../engine/ports.ts';
import type { ListedContainer } from './listed-container.ts';

/** When the log of a container is to be read: as long as it runs, once where it has ended, again where that broke off. */
export type ReadingTurns = {
  /** Takes how the container is now. */
  readonly look: (container: ListedContainer) => void;
  /** Something came: where it breaks off now, it is tried again soon. */
  readonly came: () => void;
  /** The reading that was begun for that container has ended; `isWhole`: with the log. */
  readonly ended: (of: ListedContainer, isWhole: boolean) => void;
  readonly isReading: () => boolean;
  /** Begins no more. */
  readonly close: () => void;
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Makes the turns of one container; the first look begins.
 *
 * @param of.isReachable whether the engine answers, as far as anybody knows: nothing is begun while it does not
 * @param of.begin never called while it reads
 */
export function createReadingTurns(of: {
  readonly clock: Clock;
  readonly isReachable: () => boolean;
  readonly begin: (container: ListedContainer) => void;
}): ReadingTurns {
  const { clock } = of;
  let container: ListedContainer | undefined;
  let isReading = false;
  let isClosed = false;
  /** Of which start the log was read to its end; `never`: of none, or it broke off. */
  let readOf: number | undefined | 'never' = 'never';
  let pauseMs = FIRST_PAUSE_MS;
  let retryAt = 0;
  let cancelRetry: () => void = () => undefined;
  let wasOutOfReach = false;

  const look = () => {
    if (container === undefined || isReading || isClosed) return;
    if (!of.isReachable()) {
      wasOutOfReach = true;
      return;
    }
    if (wasOutOfReach) retryAt = 0;
    wasOutOfReach = false;
    const isOtherStart = readOf !== 'never' && readOf !== container.startedAt;
    const isOwed = readOf === 'never' || isRunning(container);
    if (!isOtherStart && !(isOwed && clock.now() >= retryAt)) return;
    isReading = true;
    of.begin(container);
  };
  return {
    look(next) {
      container = next;
      look();
    },
    came: () => {
      pauseMs = FIRST_PAUSE_MS;
    },
    ended({ startedAt }, isWhole) {
      isReading = false;
      if (isClosed) return;
      readOf = isWhole ? startedAt : 'never';
      retryAt = clock.now() + pauseMs;
      cancelRetry();
      cancelRetry = clock.after(pauseMs, look);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      look();
    },
    isReading: () => isReading,
    close() {
      isClosed = true;
      cancelRetry();
    },
  };
}

function isRunning({ state }: ListedContainer): boolean {
  return state === 'running' || state === 'paused';
}
