import type { Clock } from '../engine/ports.ts';
import type { LineBudget } from '../live/line-budget.ts';
import type { LogNews, LogStart } from '../live/log-line.ts';
import { createContainerLines } from './container-lines.ts';
import type { DockerApi } from './docker-api.ts';
import type { DockerFailure } from './docker-failure.ts';
import { type EngineTime, laterOf, sinceAfter, sinceAt } from './engine-time.ts';
import type { Gate } from './gate.ts';
import type { ListedContainer } from './listed-container.ts';

/** The log of one container, which is followed as long as it runs. */
export type ContainerLog = {
  /** Takes how the container is now; goes on following where that has ended and it runs again. */
  readonly look: (container: ListedContainer) => void;
  /** Nothing is being read. */
  readonly isIdle: () => boolean;
  readonly close: () => void;
};

type Input = {
  readonly api: DockerApi;
  readonly clock: Clock;
  readonly gate: Gate;
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
  const read = async (of: ListedContainer) => {
    isReading = true;
    const release = await input.gate.pass();
    if (closing.signal.aborted) return release();
    const lines = createContainerLines({
      ...input,
      now: () => clock.now(),
      read: (time) => {
        latest = laterOf(latest, time);
      },
    });
    const end = await input.api.stream(pathOf(id, input.start, latest), {
      onOpen: () => {
        release();
        say(undefined);
      },
      onData: (bytes) => {
        pauseMs = FIRST_PAUSE_MS;
        lines.push(bytes);
      },
      signal: closing.signal,
    });
    release();
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

function pathOf(id: string, start: LogStart, latest: EngineTime | undefined): string {
  const path = `/containers/${id}/logs?follow=1&stdout=1&stderr=1&timestamps=1`;
  if (latest !== undefined) return `${path}&since=${sinceAfter(latest)}`;
  if (start.kind === 'since') return `${path}&since=${sinceAt(start.at)}`;
  return start.kind === 'tail' ? `${path}&tail=${start.lines}` : path;
}
