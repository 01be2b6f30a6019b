import type { Clock } from '../engine/ports.ts';
import type { ContainersStatus } from '../live/system.ts';
import { createListing } from './container-listing.ts';
import type { DockerApi } from './docker-api.ts';
import { createEventReader, eventsPath } from './docker-events.ts';
import { type DockerFailure, failureOfClient } from './docker-failure.ts';
import type { ListedContainer } from './listed-container.ts';
import { systemClock } from './system-clock.ts';

/** The engine's containers, all of them, kept up to date. */
export type ContainerDirectory = {
  /** Calls back after the status or the containers changed; returns how to end it. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly status: () => ContainersStatus;
  /** The same array while nothing changed; while the engine is gone, as it was last known. */
  readonly containers: () => readonly ListedContainer[];
  /** Looks anew soon: somebody has seen signs that the engine, or a container, is gone. */
  readonly refresh: () => void;
  readonly close: () => void;
};

type Input = {
  /** Stays the caller's: it is not closed. */
  readonly api: DockerApi;
  /** Tells the time, and pauses; the system's where absent. */
  readonly clock?: Clock;
};

const UP: ContainersStatus = { kind: 'up' };
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A burst of events costs one listing. */
const COALESCE_MS = 50;
/** A line that is frozen tells no event and no end: a question is what finds out. */
const RELIST_MS = 30_000;

/** Begins to keep a list of the engine's containers; goes on, through the engine's absence too, until it is closed. */
export function createContainerDirectory({ api, clock = systemClock }: Input): ContainerDirectory {
  const listeners = new Set<() => void>();
  const closing = new AbortController();
  const pause = createPause(clock);
  let status: ContainersStatus = { kind: 'connecting' };
  let containers: readonly ListedContainer[] = [];
  let refresh: () => void = () => undefined;

  const say = (next: ContainersStatus, list = containers) => {
    if (closing.signal.aborted) return;
    const isSame = isEqual(list, containers);
    if (isSame && status === next) return;
    status = next;
    if (!isSame) containers = list;
    for (const listener of listeners) listener();
  };
  const follow = async () => {
    let pauseMs = FIRST_PAUSE_MS;
    while (!closing.signal.aborted) {
      const failure = await visit({
        api,
        clock,
        signal: closing.signal,
        began: (listing) => {
          refresh = listing;
        },
        listed: (list) => {
          pauseMs = FIRST_PAUSE_MS;
          say(UP, list);
        },
      });
      if (closing.signal.aborted) return;
      say({ kind: 'down', why: failure.why, advice: failure.advice, retryAt: clock.now() + pauseMs });
      await pause.lasting(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  };
  void follow();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    status: () => status,
    containers: () => containers,
    refresh: () => refresh(),
    close() {
      listeners.clear();
      closing.abort();
      pause.end();
    },
  };
}

type Visit = {
  readonly api: DockerApi;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Hands over how to look anew. */
  readonly began: (refresh: () => void) => void;
  readonly listed: (containers: readonly ListedContainer[]) => void;
};

/** Listens to the engine's events and lists after each, until one of both fails: with what. */
async function visit({ api, clock, signal, began, listed }: Visit): Promise<DockerFailure> {
  const over = new AbortController();
  const within = AbortSignal.any([signal, over.signal]);
  const listing = createListing(api, within);
  let failed: DockerFailure | undefined;
  const look = async (): Promise<void> => {
    const answer = await listing.list();
    if (within.aborted) return;
    if (answer.kind === 'answered') listed(answer.value);
    if (answer.kind !== 'failed') return;
    failed = answer.failure;
    over.abort();
  };
  const looks = createLooks({ look, clock, signal: within });
  began(looks.soon);
  const end = await api.stream(eventsPath, {
    onOpen: looks.soon,
    onData: createEventReader((id, action) => {
      listing.touch(id, action);
      looks.soon();
    }),
    signal: within,
  });
  over.abort();
  looks.end();
  if (failed !== undefined) return failed;
  return end.kind === 'failed' ? end.failure : failureOfClient('', process.platform);
}

/** Looks soon after it was asked to, and now and then by itself; never twice at a time. */
function createLooks({
  look,
  clock,
  signal,
}: {
  readonly look: () => Promise<void>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}) {
  let state: 'waiting' | 'soon' | 'looking' | 'looking, and soon again' = 'waiting';
  let cancel: () => void = () => undefined;
  const begin = async () => {
    state = 'looking';
    await look();
    const isSoon = (state as string) === 'looking, and soon again';
    state = isSoon ? 'soon' : 'waiting';
    plan(isSoon ? COALESCE_MS : RELIST_MS);
  };
  const plan = (delayMs: number) => {
    cancel();
    if (!signal.aborted) cancel = clock.after(delayMs, () => void begin());
  };
  return {
    soon: () => {
      if (state === 'looking') state = 'looking, and soon again';
      if (state !== 'waiting') return;
      state = 'soon';
      plan(COALESCE_MS);
    },
    end: () => cancel(),
  };
}

function createPause(clock: Clock) {
  let end: () => void = () => undefined;
  return {
    lasting: (delayMs: number) =>
      new Promise<void>((resolve) => {
        const cancel = clock.after(delayMs, resolve);
        end = () => {
          cancel();
          resolve();
        };
      }),
    end: () => end(),
  };
}

function isEqual(one: readonly ListedContainer[], other: readonly ListedContainer[]): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
