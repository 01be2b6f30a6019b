import type { Clock } from '../engine/ports.ts';
import type { LineBudget } from '../live/line-budget.ts';
import type { LogNews, LogStart } from '../live/log-line.ts';
import { createContainerLines } from './container-lines.ts';
import type { DockerApi } from './docker-api.ts';
import type { DockerFailure } from './docker-failure.ts';
import { type EngineTime, laterOf, sinceAfter, sinceAt, timeMs } from './engine-time.ts';
import type { Gate } from './gate.ts';
import type { ListedContainer } from './listed-container.ts';
import type { ReadPace } from './read-pace.ts';

/** The log of one container, which is followed as long as it runs. */
export type ContainerLog = {
  /** Takes how the container is now; goes on following where that has ended and it runs again. */
  readonly look: (container: ListedContainer) => void;
  /** Nothing is being read. */
  readonly isIdle: () => boolean;
  readonly close: () => void;
};

type Input = {
  readonly api: Pick<DockerApi, 'stream'>;
  readonly clock: Clock;
  readonly gate: Gate;
  readonly pace: ReadPace;
  readonly budget: LineBudget;
  readonly tell: (news: LogNews) => void;
  readonly id: string;
  readonly source: string;
  readonly start: LogStart;
  /** Whether the engine answers, as far as anybody knows. */
  readonly isReachable: () => boolean;
  /** Told where an answer broke off: the engine, or the container, may be gone. */
  readonly brokeOff: () => void;
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const GONE = 404;
/** A flood that was held back for so long is behind: the rest is leapt over, up to its last lines. */
const HELD_BACK_MS = 3_000;
const LAST_LINES = 1_000;

/** Begins with the first look. */
export function followContainerLog(input: Input): ContainerLog {
  const { clock, id, source, tell } = input;
  const closing = new AbortController();
  let container: ListedContainer | undefined;
  let latest: EngineTime | undefined;
  let isReading = false;
  /** Of which start the log was read to its end; `never`: of none, or it broke off. */
  let readOf: number | undefined | 'never' = 'never';
  let pauseMs = FIRST_PAUSE_MS;
  let retryAt = 0;
  let cancelRetry: () => void = () => undefined;
  let wasOutOfReach = false;
  let hasTrouble = false;

  const say = (failure: DockerFailure | undefined) => {
    if (failure === undefined && !hasTrouble) return;
    hasTrouble = failure !== undefined;
    tell({ kind: 'trouble', source, trouble: failure && `${failure.why} ${failure.advice}` });
  };
  const read = async (of: ListedContainer, isLeap = false): Promise<void> => {
    isReading = true;
    const release = await input.gate.pass();
    if (closing.signal.aborted) return release();
    const leap = new AbortController();
    const lines = createContainerLines({
      ...input,
      now: () => clock.now(),
      read: (time) => {
        latest = laterOf(latest, time);
      },
    });
    const hold = createHold(input, () => leap.abort());
    const end = await input.api.stream(pathOf(id, input.start, { latest, isLeap }), {
      onOpen: () => {
        release();
        say(undefined);
      },
      onData: (bytes) => {
        pauseMs = FIRST_PAUSE_MS;
        return hold(lines.push(bytes));
      },
      signal: AbortSignal.any([closing.signal, leap.signal]),
    });
    release();
    if (leap.signal.aborted && !closing.signal.aborted) {
      // How many there were is not known without reading them: one at least.
      tell({ kind: 'left out', source, at: latest === undefined ? clock.now() : timeMs(latest), lines: 1 });
      return await read(of, true);
    }
    if (end.kind === 'answered') lines.end();
    isReading = false;
    ended(of, end.kind === 'failed' ? end.failure : undefined);
  };
  const ended = (of: ListedContainer, failure: DockerFailure | undefined) => {
    if (closing.signal.aborted) return;
    readOf = failure === undefined || failure.status === GONE ? of.startedAt : 'never';
    // A refusal is about this container; that no engine answers is told by the directory.
    if (failure?.kind === 'refused' && failure.status !== GONE) say(failure);
    if (failure !== undefined) input.brokeOff();
    retryAt = clock.now() + pauseMs;
    cancelRetry();
    cancelRetry = clock.after(pauseMs, look);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    look();
  };
  const look = () => {
    if (container === undefined || isReading || closing.signal.aborted) return;
    if (!input.isReachable()) {
      wasOutOfReach = true;
      return;
    }
    if (wasOutOfReach) retryAt = 0;
    wasOutOfReach = false;
    const isOtherStart = readOf !== 'never' && readOf !== container.startedAt;
    const isOwed = readOf === 'never' || isRunning(container);
    if (isOtherStart || (isOwed && clock.now() >= retryAt)) void read(container);
  };

  return {
    look(next) {
      container = next;
      look();
    },
    isIdle: () => !isReading,
    close: () => {
      closing.abort();
      cancelRetry();
    },
  };
}

function isRunning({ state }: ListedContainer): boolean {
  return state === 'running' || state === 'paused';
}

/** Waits where reading goes too fast; calls `leap` where it has waited again and again. */
function createHold({ pace, clock }: Input, leap: () => void): (lines: number) => void | Promise<void> {
  let heldMs = 0;
  return (lines) => {
    const waitMs = pace.spend(lines);
    if (waitMs === 0) {
      heldMs = 0;
      return undefined;
    }
    heldMs += waitMs;
    if (heldMs > HELD_BACK_MS) leap();
    return new Promise((resolve) => clock.after(waitMs, resolve));
  };
}

function pathOf(
  id: string,
  start: LogStart,
  { latest, isLeap }: { readonly latest: EngineTime | undefined; readonly isLeap: boolean },
): string {
  const path = `/containers/${id}/logs?follow=1&stdout=1&stderr=1&timestamps=1`;
  if (latest !== undefined) return `${path}&since=${sinceAfter(latest)}${isLeap ? `&tail=${LAST_LINES}` : ''}`;
  if (start.kind === 'since') return `${path}&since=${sinceAt(start.at)}`;
  return start.kind === 'tail' ? `${path}&tail=${start.lines}` : path;
}
