import type { Monitor as MonitorDefinition } from './definition/runbook.ts';
import type { EngineApi } from './engine/api.ts';
import type { SystemSnapshot } from './live/system.ts';
import { shareDocker } from './monitor-docker.ts';
import { followLogsOfRun, type RunLogs } from './monitor-logs.ts';
import { measureRun } from './monitor-usage.ts';
import { type MonitorPlan, planMonitors } from './run/monitor-plan.ts';
import { environmentOf, type Place } from './run/plan.ts';
import { isManual, runningAttempts } from './run/select.ts';
import type { Run } from './run/state.ts';
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
  // Steps get the run's values: who asks without them may ask another engine, or for another project.
  const docker = shareDocker({
    environment: () => ({ ...environment, ...standIns(engine.run()), ...environmentOf(engine.run(), place) }),
    cwd: place.definitionDir,
  });
  const attempts = () => watchedAttempts(engine);
  const usage = measureRun({ engine, runDir: place.runDir, openDocker: docker.open, attempts });
  const logs = followLogsOfRun({ engine, openDocker: docker.open, attempts });
  let measured = 'nothing yet';
  let followed = 'nothing yet';
  const look = () => {
    const isOtherEngine = docker.environmentChanged();
    const plan = planOf(input);
    const ofUsage = JSON.stringify([plan.containers]);
    const ofLogs = JSON.stringify([plan.logs, plan.alert]);
    if (ofUsage !== measured || (isOtherEngine && plan.containers !== undefined)) usage.watch(plan.containers);
    const isOfContainers = plan.logs.some(({ kind }) => kind === 'containers');
    if (ofLogs !== followed || (isOtherEngine && isOfContainers)) logs.watch(plan);
    docker.closeOld();
    measured = ofUsage;
    followed = ofLogs;
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
      docker.close();
    },
  };
}

/** Compose refuses a file that wants a variable it lacks; what the value is does not change what is watched. */
function standIns(run: Run): Readonly<Record<string, string>> {
  return Object.fromEntries(run.runbook.vars.filter((one) => one.secret).map((one) => [one.name, '***']));
}

/** Paths of the runbook stand on its own folder, those of the project on the project's. */
function planOf({ engine, place, project }: MonitorInput): MonitorPlan {
  const run = engine.run();
  const said = [
    { monitor: run.runbook.monitor, folder: place.definitionDir },
    { monitor: project?.monitor, folder: project?.folder ?? '' },
  ];
  return planMonitors(said, { home: place.home, values: environmentOf(run, place) });
}

function watchedAttempts(engine: EngineApi): readonly WatchedAttempt[] {
  const run = engine.run();
  return runningAttempts(run)
    .filter((attempt) => attempt.life.status !== 'starting' && !isManual(run, attempt))
    .map(({ number, title }) => ({ number, title, folder: engine.attemptFolder(number) }));
}
