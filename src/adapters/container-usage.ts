import type { ContainersStatus, Feed, UsageNews, Watched } from '../live/system.ts';
import type { ContainersWanted } from '../run/monitor-plan.ts';
import { type KnownWanted, knowWanted } from './compose-project.ts';
import type { ContainerDirectory } from './container-directory.ts';
import { type ContainerRow, rowsOf } from './container-rows.ts';
import type { DockerApi } from './docker-api.ts';
import { createMeasuring } from './measure-containers.ts';
import { pause } from './pause.ts';

/** Which containers are measured, over which way, and how often. */
export type ContainersInput = {
  readonly wanted: ContainersWanted;
  readonly directory: ContainerDirectory;
  readonly api: DockerApi;
  /** What `docker compose` is asked with for its project's name. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly everyMs: number;
  readonly tell: (news: UsageNews) => void;
};

/** A container that has just begun to run is measured out of turn, but not sooner after the last round. */
const SOONEST_MS = 400;

/** Tells the containers that are wanted, and what those that run use; begins after it has returned. */
export function watchContainers(input: ContainersInput): Feed {
  const { directory, tell } = input;
  const closing = new AbortController();
  const { signal } = closing;
  let known: KnownWanted | undefined;
  let rows: readonly ContainerRow[] = [];
  let status: ContainersStatus | undefined;
  let told: string | undefined;
  let next = new AbortController();

  const look = () => {
    if (signal.aborted) return;
    if (status !== directory.status()) {
      status = directory.status();
      tell({ kind: 'status', status });
    }
    if (known === undefined || status.kind !== 'up') return;
    const before = new Set(running().map(({ container }) => container.id));
    rows = rowsOf(directory.containers(), known);
    const watched = rows.map(watchedOf);
    const text = JSON.stringify(watched);
    if (text === told) return;
    told = text;
    tell({ kind: 'list', watched });
    if (running().some(({ container }) => !before.has(container.id))) next.abort();
  };
  const running = () => (status?.kind === 'up' ? rows.filter(({ container }) => container.state === 'running') : []);
  const turn = async (sinceMs: number) => {
    next = new AbortController();
    await pause(SOONEST_MS - sinceMs, signal);
    await pause(input.everyMs - Math.max(sinceMs, SOONEST_MS), AbortSignal.any([signal, next.signal]));
  };
  const begin = async () => {
    look();
    known = await knowWanted(input.wanted, { environment: input.environment, signal });
    look();
    await measureOn({ ...input, signal, running, turn });
  };
  const unsubscribe = directory.subscribe(look);
  queueMicrotask(() => void begin());
  return {
    close() {
      unsubscribe();
      closing.abort();
    },
  };
}

/** Measures round after round, none before the last one is over. */
async function measureOn({
  api,
  directory,
  everyMs,
  tell,
  signal,
  running,
  turn,
}: ContainersInput & {
  readonly signal: AbortSignal;
  readonly running: () => readonly ContainerRow[];
  /** Waits for the next round; `sinceMs`: how long ago the last one began. */
  readonly turn: (sinceMs: number) => Promise<void>;
}): Promise<void> {
  const measuring = createMeasuring({ api, signal, troubled: directory.refresh });
  while (!signal.aborted) {
    const beganAt = performance.now();
    const measured = running().map(({ key, container: { id, startedAt } }) => ({
      key,
      id,
      ...(startedAt !== undefined && { startedAt }),
    }));
    const usage = await measuring.round(measured, everyMs);
    if (signal.aborted) return;
    if (usage.size > 0) tell({ kind: 'usage', usage });
    await turn(performance.now() - beganAt);
  }
}

function watchedOf({ key, container }: ContainerRow): Watched {
  const { compose: _, isTty: __, createdAt: ___, ...rest } = container;
  return { ...rest, key, name: key };
}
