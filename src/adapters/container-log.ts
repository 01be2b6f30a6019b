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
import { createReadingTurns } from './reading-turns.ts';

/** The log of one container, which is followed as long as it runs. */
export type ContainerLog = {
  /** Takes how the container is now; goes on following where that has ended and it runs again. */
  readonly look: (container: ListedContainer) => void;
  /** Nothing is being read. */
  readonly isIdle: () => boolean;
  /** Takes back the trouble that was told. */
  readonly close: () => void;
};

type Input = {
  readonly api: Pick<DockerApi, 'stream' | 'clockOffsetMs'>;
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

/** What is known of a log from one reading to the next. */
type Reading = Input & {
  readonly signal: AbortSignal;
  readonly say: (failure: DockerFailure | undefined) => void;
  readonly came: () => void;
  readonly spend: (lines: number) => number;
  latest: EngineTime | undefined;
};

const GONE = 404;
/** A flood that was held back for so long is behind: the rest is leapt over, up to its last lines. */
const HELD_BACK_MS = 3_000;
const LAST_LINES = 1_000;

/** Begins with the first look. */
export function followContainerLog(input: Input): ContainerLog {
  const closing = new AbortController();
  const { signal } = closing;
  const say = createTroubleTeller(input);
  const turns = createReadingTurns({
    ...input,
    begin: (container) => void readThrough(container),
  });
  const reading: Reading = {
    ...input,
    signal,
    say,
    came: turns.came,
    spend: input.pace.reader(),
    latest: undefined,
  };
  const readThrough = async (container: ListedContainer) => {
    const failure = await readOnce(reading);
    // A refusal is about this container; that no engine answers is told by the directory.
    if (!signal.aborted && failure?.kind === 'refused' && failure.status !== GONE) say(failure);
    if (!signal.aborted && failure !== undefined) input.brokeOff();
    turns.ended(container, failure === undefined || failure.status === GONE);
  };
  return {
    look: turns.look,
    isIdle: () => !turns.isReading(),
    close() {
      turns.close();
      closing.abort();
      say(undefined);
    },
  };
}

/** Tells of trouble, and once when it is over. */
function createTroubleTeller({ source, tell }: Input): Reading['say'] {
  let hasTrouble = false;
  return (failure) => {
    if (failure === undefined && !hasTrouble) return;
    hasTrouble = failure !== undefined;
    tell({ kind: 'trouble', source, trouble: failure && `${failure.why} ${failure.advice}` });
  };
}

/** Reads from the last line on until the answer ends, leaping over what is too far behind; gives why it broke off. */
async function readOnce(reading: Reading, isLeap = false): Promise<DockerFailure | undefined> {
  const { api, clock, signal, source, tell } = reading;
  const release = await reading.gate.pass();
  const leap = new AbortController();
  const hold = createHold(reading, () => leap.abort());
  const lines = createContainerLines({
    ...reading,
    now: () => clock.now(),
    aheadMs: api.clockOffsetMs,
    read: (time) => {
      reading.latest = laterOf(reading.latest, time);
    },
  });
  if (signal.aborted) {
    release();
    return undefined;
  }
  const end = await api.stream(pathOf(reading, isLeap), {
    onOpen: () => {
      release();
      if (!signal.aborted) reading.say(undefined);
    },
    onData: (bytes) => {
      reading.came();
      return hold(lines.push(bytes));
    },
    signal: AbortSignal.any([signal, leap.signal]),
  });
  release();
  if (leap.signal.aborted && !signal.aborted) {
    const { latest } = reading;
    const at = latest === undefined ? clock.now() : timeMs(latest) - api.clockOffsetMs();
    // How many there were is not known without reading them: one at least.
    tell({ kind: 'left out', source, at, lines: 1 });
    return await readOnce(reading, true);
  }
  if (end.kind === 'answered') lines.end();
  return end.kind === 'failed' ? end.failure : undefined;
}

/** Waits where reading goes too fast; calls `leap` where it has waited again and again. */
function createHold({ spend, clock }: Reading, leap: () => void): (lines: number) => void | Promise<void> {
  let heldMs = 0;
  return (lines) => {
    const waitMs = spend(lines);
    if (waitMs === 0) {
      heldMs = 0;
      return undefined;
    }
    heldMs += waitMs;
    if (heldMs > HELD_BACK_MS) leap();
    return new Promise((resolve) => clock.after(waitMs, resolve));
  };
}

function pathOf({ api, id, start, latest }: Reading, isLeap: boolean): string {
  const path = `/containers/${id}/logs?follow=1&stdout=1&stderr=1&timestamps=1`;
  if (latest !== undefined) return `${path}&since=${sinceAfter(latest)}${isLeap ? `&tail=${LAST_LINES}` : ''}`;
  if (start.kind === 'since') return `${path}&since=${sinceAt(start.at + api.clockOffsetMs())}`;
  return start.kind === 'tail' ? `${path}&tail=${start.lines}` : path;
}
