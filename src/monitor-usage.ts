import { join } from 'node:path';
import { watchContainers } from './adapters/container-usage.ts';
import { watchProcesses } from './adapters/process-usage.ts';
import { loadUsage } from './adapters/read-usage.ts';
import { createUsageFile, type UsageFile } from './adapters/usage-file.ts';
import type { EngineApi } from './engine/api.ts';
import { createFollowed } from './live/followed.ts';
import type { ContainersStatus, Feed, SystemSnapshot, UsageNews, Watched } from './live/system.ts';
import { createUsageHistory } from './live/usage-history.ts';
import type { WatchedAttempt } from './monitor.ts';
import type { Docker } from './monitor-docker.ts';
import type { ContainersWanted } from './run/monitor-plan.ts';
import type { Followed } from './ui/screen-ports.ts';

/** How often containers, or processes, are measured. */
const MEASURE_MS = 2_000;

/** Measures the containers of a run, or where none answer its processes. */
export type RunUsage = {
  readonly snapshot: Followed<SystemSnapshot>;
  readonly watch: (wanted: ContainersWanted | undefined) => void;
  readonly close: () => Promise<void>;
};

type Measuring = {
  status: ContainersStatus;
  containers: readonly Watched[];
  processes: readonly Watched[];
  ofContainers?: Feed;
  ofProcesses?: Feed;
};

/** Nothing is measured before `watch` says what. */
export function measureRun(input: {
  readonly engine: EngineApi;
  readonly runDir: string;
  readonly openDocker: () => Docker;
  readonly attempts: () => readonly WatchedAttempt[];
}): RunUsage {
  const history = createUsageHistory();
  const now: Measuring = { status: { kind: 'none' }, containers: [], processes: [] };
  const path = join(input.runDir, 'usage.ndjson');
  let notice: string | undefined;
  const snapshotNow = (): SystemSnapshot => {
    // While the engine is gone the charts of its containers stay, unless there are processes to look at.
    const isGone = now.status.kind === 'down' && (now.processes.length > 0 || now.containers.length === 0);
    const isContainers = now.status.kind !== 'none' && !isGone;
    const watched = isContainers ? now.containers : now.processes;
    return {
      status: now.status,
      kind: isContainers ? 'containers' : 'processes',
      watched,
      history,
      ...(notice && { notice }),
    };
  };
  const snapshot = createFollowed(snapshotNow());
  const note = (sentence: string | undefined) => {
    notice ??= sentence;
    snapshot.set(snapshotNow());
  };
  // What was measured by earlier screens.
  void loadUsage(path, history.adopt).then(note);
  const keeping = createKeeping({ engine: input.engine, path, onTrouble: note });

  const take = (news: UsageNews, of: 'containers' | 'processes') => {
    if (news.kind === 'status') now.status = news.status;
    else if (news.kind === 'list') now[of] = news.watched;
    else
      for (const [key, usage] of news.usage) {
        const id = now[of].find((one) => one.key === key)?.id;
        history.take(key, usage, id);
        keeping.take(key, usage, id);
      }
    lookAtProcesses();
    snapshot.set(snapshotNow());
  };
  /** Processes are measured only while no engine answers: two kinds of rows would say the same twice. */
  const lookAtProcesses = () => {
    const isWanted = now.status.kind === 'none' || now.status.kind === 'down';
    if (isWanted && now.ofProcesses === undefined) {
      const tell = (news: UsageNews) => {
        if (news.kind !== 'status') take(news, 'processes');
      };
      now.ofProcesses = watchProcesses({ attempts: input.attempts, everyMs: MEASURE_MS, tell });
    }
    if (isWanted || now.ofProcesses === undefined) return;
    now.ofProcesses.close();
    delete now.ofProcesses;
    now.processes = [];
  };

  return {
    snapshot,
    watch: (wanted) => {
      now.ofContainers?.close();
      delete now.ofContainers;
      now.containers = [];
      now.status = { kind: wanted === undefined ? 'none' : 'connecting' };
      if (wanted !== undefined) {
        const tell = (news: UsageNews) => take(news, 'containers');
        now.ofContainers = watchContainers({ ...input.openDocker(), wanted, everyMs: MEASURE_MS, tell });
      }
      lookAtProcesses();
      snapshot.set(snapshotNow());
    },
    close: async () => {
      now.ofContainers?.close();
      now.ofProcesses?.close();
      await keeping.close();
    },
  };
}

/** Only the screen that writes the run keeps what is measured: two would keep it twice. */
function createKeeping(input: {
  readonly engine: EngineApi;
  readonly path: string;
  readonly onTrouble: (sentence: string) => void;
}): Pick<UsageFile, 'take' | 'close'> {
  const { engine, path, onTrouble } = input;
  let file: UsageFile | undefined;
  return {
    take: (key, usage, id) => {
      if (engine.holding().kind !== 'writer') return;
      file ??= createUsageFile({ path, onTrouble });
      file.take(key, usage, id);
    },
    // Another screen that has taken the run over keeps what is measured from then on.
    close: async () => {
      if (engine.holding().kind === 'writer') await file?.close();
    },
  };
}
