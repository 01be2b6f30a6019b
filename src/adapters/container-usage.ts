import type { ContainersStatus, Feed, UsageNews, Watched } from '../live/system.ts';
import type { ContainersWanted } from '../run/monitor-plan.ts';
import type { KnownWanted } from './compose-project.ts';
import type { ComposeProjects } from './compose-projects.ts';
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
  /** Stays the caller's, as the way does. */
  readonly projects: ComposeProjects;
  readonly everyMs: number;
  readonly tell: (news: UsageNews) => void;
};

/** Which of the engine's containers are meant is not known yet. */
const CONNECTING: ContainersStatus = { kind: 'connecting' };
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
  let round = new AbortController();

  const look = () => {
    if (signal.aborted) return;
    const isYetUnknown = known === undefined && directory.status().kind === 'up';
    const next = isYetUnknown ? CONNECTING : directory.status();
    if (status !== next) {
      status = next;
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
    if (running().some(({ container }) => !before.has(container.id))) round.abort();
  };
  const running = () => (status?.kind === 'up' ? rows.filter(({ container }) => container.state === 'running') : []);
  const turn = async (sinceMs: number) => {
    round = new AbortController();
    await pause(SOONEST_MS - sinceMs, signal);
    await pause(input.everyMs - Math.max(sinceMs, SOONEST_MS), AbortSignal.any([signal, round.signal]));
  };
  const begin = async () => {
    look();
    known = await input.projects.known(input.wanted);
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
    // Also where none answered: by that it is seen that the figures are no longer of now.
    if (usage.size > 0 || measured.length > 0) tell({ kind: 'usage', usage });
    await turn(performance.now() - beganAt);
  }
}

function watchedOf({ key, container }: ContainerRow): Watched {
  const { compose: _, isTty: __, createdAt: ___, ...rest } = container;
  return { ...rest, key, name: key };
}
