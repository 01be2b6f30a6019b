import { type ContainerDirectory, createContainerDirectory } from './adapters/container-directory.ts';
import { type DockerApi, openDockerApi } from './adapters/docker-api.ts';
import type { Monitor as MonitorDefinition } from './definition/runbook.ts';
import type { EngineApi } from './engine/api.ts';
import type { SystemSnapshot } from './live/system.ts';
import { followLogsOfRun, type RunLogs } from './monitor-logs.ts';
import { measureRun } from './monitor-usage.ts';
import { type MonitorPlan, monitorOf, planMonitor } from './run/monitor-plan.ts';
import { environmentOf, type Place } from './run/plan.ts';
import { isManual, runningAttempts } from './run/select.ts';
import type { Followed } from './ui/screen-ports.ts';

/** What the panes for containers and logs are fed from. None of it is progress: losing it loses nothing of the run. */
export type Monitor = {
  readonly system: Followed<SystemSnapshot>;
  readonly logs: RunLogs;
  /** Begins: until then nothing is asked, so that the first frame waits for none of it. */
  readonly start: () => void;
  readonly close: () => Promise<void>;
};

/** An attempt whose processes and output are looked at. */
export type WatchedAttempt = { readonly number: number; readonly title: string; readonly folder: string };

/** What feeds share: the way to the engine, opened when something asks for containers. */
export type Docker = { readonly api: DockerApi; readonly directory: ContainerDirectory };

export type MonitorInput = {
  readonly engine: EngineApi;
  readonly place: Place;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the project says of the live panes, and the folder its paths stand on; absent: nothing. */
  readonly project?: { readonly monitor: MonitorDefinition; readonly folder: string };
};

/** Watches what a run changes; what is watched follows the run's values and its running attempts. */
export function watchRun(input: MonitorInput): Monitor {
  const { engine, environment, place } = input;
  let docker: Docker | undefined;
  const openDocker = (): Docker => {
    if (docker === undefined) {
      const api = openDockerApi({ environment, cwd: place.definitionDir });
      docker = { api, directory: createContainerDirectory({ api }) };
    }
    return docker;
  };
  const attempts = () => watchedAttempts(engine);
  const usage = measureRun({ engine, runDir: place.runDir, environment, openDocker, attempts });
  const logs = followLogsOfRun({ engine, environment, openDocker, attempts });
  let planned = '';
  const look = () => {
    const plan = planOf(input);
    const text = JSON.stringify(plan);
    if (text !== planned) {
      planned = text;
      usage.watch(plan.containers);
      logs.watch(plan);
    }
    logs.attemptsChanged();
  };
  let unsubscribe = () => {};
  return {
    system: usage.snapshot,
    logs,
    start: () => {
      unsubscribe = engine.subscribe(look);
      look();
    },
    close: async () => {
      unsubscribe();
      logs.close();
      await usage.close();
      docker?.directory.close();
      docker?.api.close();
    },
  };
}

/** Paths of the runbook stand on its own folder, those of the project on the project's. */
function planOf({ engine, place, project }: MonitorInput): MonitorPlan {
  const run = engine.run();
  const values = environmentOf(run, place);
  const plan = (monitor: MonitorDefinition, folder: string) =>
    planMonitor(monitor, { folder, home: place.home, values });
  const own = plan(monitorOf(run.runbook, undefined), place.definitionDir);
  if (project === undefined) return own;
  const ofProject = plan(project.monitor, project.folder);
  return { ...ofProject, ...own, logs: own.logs.length > 0 ? own.logs : ofProject.logs };
}

function watchedAttempts(engine: EngineApi): readonly WatchedAttempt[] {
  const run = engine.run();
  return runningAttempts(run)
    .filter((attempt) => attempt.life.status !== 'starting' && !isManual(run, attempt))
    .map(({ number, title }) => ({ number, title, folder: engine.attemptFolder(number) }));
}
