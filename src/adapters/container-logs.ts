import type { Clock } from '../engine/ports.ts';
import type { LineBudget } from '../live/line-budget.ts';
import type { LogNews, LogSource, LogStart } from '../live/log-line.ts';
import type { Feed } from '../live/system.ts';
import { type KnownWanted, matchesWanted } from './compose-project.ts';
import type { ContainerDirectory } from './container-directory.ts';
import { type ContainerLog, followContainerLog } from './container-log.ts';
import { keyOf } from './container-rows.ts';
import type { DockerApi } from './docker-api.ts';
import { createGate } from './gate.ts';
import type { ListedContainer } from './listed-container.ts';
import { createReadPace } from './read-pace.ts';
import { systemClock } from './system-clock.ts';

/** Containers whose logs are wanted; `tail`: how many earlier lines of each, absent: 100. */
export type WantedContainers = { readonly of: KnownWanted; readonly tail?: number };

type Input = {
  readonly wanted: readonly WantedContainers[];
  /** Where all begin, before each one's `tail`; absent: that. */
  readonly start?: LogStart;
  readonly directory: ContainerDirectory;
  readonly api: DockerApi;
  readonly budget: LineBudget;
  readonly tell: (news: LogNews) => void;
  readonly clock?: Clock;
};

const TAIL = 100;
/** More than a book keeps need not be asked for. */
const MOST_LINES = 20_000;
/** Each answer that goes on is a connection of its own, and its beginning is what costs. */
const OPENED_AT_ONCE = 4;
/** A container that is older than this when it is first seen did not just come into being. */
const JUST_MADE_MS = 60_000;

/**
 * Follows the logs of containers: each by its id, told under the key that it shares with those it replaces. Nothing is
 * lost or doubled over a restart, a recreation, or while the engine is gone: each goes on after the last stamp it read.
 */
export function followContainerLogs(input: Input): Feed {
  const { directory, tell, clock = systemClock } = input;
  const logs = new Map<string, ContainerLog>();
  const gate = createGate(OPENED_AT_ONCE);
  const pace = createReadPace(() => clock.now());
  const tellOf = createTellers(tell);
  const begunAt = clock.now();
  let sources = '';
  let trouble: string | undefined;
  let isFirst = true;

  const look = () => {
    const status = directory.status();
    const next = status.kind === 'down' ? `${status.why} ${status.advice}` : undefined;
    if (next !== trouble) tell({ kind: 'trouble', trouble: next });
    trouble = next;
    if (status.kind !== 'up') return;
    const matched = matching(directory.containers(), input.wanted);
    const list = sourcesOf(matched);
    // Told before any line of them.
    if (JSON.stringify(list) !== sources) tell({ kind: 'sources', sources: list });
    sources = JSON.stringify(list);
    for (const { container, key, wanted } of matched) {
      const createdAt = container.createdAt - input.api.clockOffsetMs();
      const isNew = !isFirst && createdAt > begunAt - JUST_MADE_MS;
      const log =
        logs.get(container.id) ??
        followContainerLog({
          ...input,
          clock,
          gate,
          pace,
          tell: tellOf(container.id),
          id: container.id,
          source: key,
          isReachable: () => directory.status().kind === 'up',
          brokeOff: directory.refresh,
          start: isNew ? { kind: 'all' } : startOf(input.start, wanted),
        });
      logs.set(container.id, log);
      log.look(container);
    }
    forget(logs, matched);
    isFirst = false;
  };
  const leave = directory.subscribe(look);
  look();
  return {
    close() {
      leave();
      for (const log of logs.values()) log.close();
      logs.clear();
    },
  };
}

/** A container does not take back the trouble that another has told since under the key they share. */
function createTellers(tell: (news: LogNews) => void): (id: string) => (news: LogNews) => void {
  const owners = new Map<string, string>();
  return (id) => (news) => {
    if (news.kind === 'trouble' && news.source !== undefined) {
      if (news.trouble !== undefined) owners.set(news.source, id);
      else if (owners.get(news.source) !== id) return;
      else owners.delete(news.source);
    }
    tell(news);
  };
}

type Matched = { readonly container: ListedContainer; readonly key: string; readonly wanted: WantedContainers };

function matching(containers: readonly ListedContainer[], all: readonly WantedContainers[]): readonly Matched[] {
  return containers.flatMap((container) => {
    const wanted = all.find(({ of }) => matchesWanted(of, container));
    return wanted === undefined ? [] : [{ container, key: keyOf(container, wanted.of.kind), wanted }];
  });
}

function sourcesOf(matched: readonly Matched[]): readonly LogSource[] {
  const keys = new Set(matched.map(({ key }) => key));
  return Array.from(keys)
    .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    .map((key) => ({ key, kind: 'container', name: key }));
}

function startOf(start: LogStart | undefined, { tail = TAIL }: WantedContainers): LogStart {
  const wanted = start ?? { kind: 'tail', lines: tail };
  if (wanted.kind === 'all') return { kind: 'tail', lines: MOST_LINES };
  return wanted.kind === 'tail' ? { kind: 'tail', lines: Math.min(wanted.lines, MOST_LINES) } : wanted;
}

/** The engine ends the answer about a container that is gone, after all that it had written. */
function forget(logs: Map<string, ContainerLog>, matched: readonly Matched[]): void {
  const there = new Set(matched.map(({ container }) => container.id));
  for (const [id, log] of logs) {
    if (there.has(id) || !log.isIdle()) continue;
    log.close();
    logs.delete(id);
  }
}
