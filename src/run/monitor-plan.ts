import { expand } from '../definition/expand.ts';
import type { ContainerSelection, LogSource, Monitor, Runbook } from '../definition/runbook.ts';
import { absolute } from './plan.ts';

/** Which containers are meant. */
export type ContainersWanted =
  /** Those of the project of a compose file, an absolute path; without services all of them. */
  | { readonly kind: 'compose'; readonly file: string; readonly services: readonly string[] }
  /** By container name. */
  | { readonly kind: 'named'; readonly names: readonly string[] }
  | { readonly kind: 'all' };

/** One source, or one group of sources, whose lines are followed. */
export type LogsWanted =
  /** `tail`: how many earlier lines of each are shown first; absent: the follower's own. */
  | { readonly kind: 'containers'; readonly of: ContainersWanted; readonly tail?: number }
  /** An absolute path; `*` and `?` match within a folder's or file's name. */
  | { readonly kind: 'files'; readonly glob: string };

/** What of the lines counts as an error, and how many are too many. */
export type AlertRule = {
  /** Regular expressions; case does not matter. */
  readonly pattern: string;
  readonly ignore?: string;
  readonly max: number;
  readonly withinMs: number;
};

/** What the live panes show, with the run's values filled in. The output of services is always among the logs. */
export type MonitorPlan = {
  /** Absent: no containers are asked for. */
  readonly containers?: ContainersWanted;
  readonly logs: readonly LogsWanted[];
  readonly alert?: AlertRule;
};

/** Who may say something of the live panes. */
export type MonitorSaid = {
  /** Absent: nothing. */
  readonly monitor?: Monitor | undefined;
  /** What relative paths stand on. */
  readonly folder: string;
};

/** What a runbook says of the live panes, and where it is silent what its project says. */
export function monitorOf(runbook: Runbook, ofProject: Monitor | undefined): Monitor {
  const { docker, logs, alert } = firstToSay([{ monitor: runbook.monitor }, { monitor: ofProject }]);
  return joined({ docker: docker?.monitor?.docker, logs: logs?.monitor?.logs, alert: alert?.monitor?.alert });
}

/** What to watch by all that is said, part by part by the first that says it; see {@link planMonitor}. Pure. */
export function planMonitors(
  all: readonly MonitorSaid[],
  place: Omit<Parameters<typeof planMonitor>[1], 'folder'>,
): MonitorPlan {
  const { docker, logs, alert } = firstToSay(all);
  const planned = (said: MonitorSaid | undefined) =>
    planMonitor(said?.monitor ?? { logs: [] }, { ...place, folder: said?.folder ?? '' });
  const { containers } = planned(docker);
  return {
    ...(containers === undefined ? {} : { containers }),
    logs: planned(logs).logs,
    ...(alert?.monitor?.alert === undefined ? {} : { alert: alert.monitor.alert }),
  };
}

function firstToSay<Said extends { readonly monitor?: Monitor | undefined }>(all: readonly Said[]) {
  return {
    docker: all.find(({ monitor }) => monitor?.docker !== undefined),
    logs: all.find(({ monitor }) => (monitor?.logs ?? []).length > 0),
    alert: all.find(({ monitor }) => monitor?.alert !== undefined),
  };
}

function joined({
  docker,
  logs = [],
  alert,
}: {
  readonly [Part in keyof Monitor]?: Monitor[Part] | undefined;
}): Monitor {
  return { ...(docker === undefined ? {} : { docker }), logs, ...(alert === undefined ? {} : { alert }) };
}

/**
 * What to watch, with the values that commands see filled in. Pure.
 *
 * @param place `folder`: what relative paths stand on (the definition's folder, or the project file's); `values`: what
 * `environmentOf` gives.
 */
export function planMonitor(
  monitor: Monitor,
  place: { readonly folder: string; readonly home: string; readonly values: Readonly<Record<string, string>> },
): MonitorPlan {
  const text = (source: string) => {
    const expanded = expand(source, place.values);
    return typeof expanded === 'string' ? expanded : source;
  };
  const path = (source: string) => absolute(text(source), place.folder, place.home);
  const compose = (file: string, services: readonly string[]) =>
    ({ kind: 'compose', file: path(file), services: services.map(text) }) as const;
  const logsOf = (source: LogSource): readonly LogsWanted[] => {
    if (source.kind === 'file') return [{ kind: 'files', glob: path(source.file) }];
    const tail = source.tail === undefined ? {} : { tail: source.tail };
    const named: readonly ContainersWanted[] =
      source.containers.length === 0 ? [] : [{ kind: 'named', names: source.containers.map(text) }];
    const all: readonly ContainersWanted[] =
      source.compose === undefined ? named : [compose(source.compose, source.services), ...named];
    return (all.length === 0 ? [{ kind: 'all' } as const] : all).map((of) => ({ kind: 'containers', of, ...tail }));
  };
  const { docker, logs, alert } = monitor;
  return {
    ...(docker === undefined ? {} : { containers: selected(docker, { text, compose }) }),
    logs: logs.flatMap(logsOf),
    ...(alert === undefined ? {} : { alert }),
  };
}

function selected(
  docker: ContainerSelection,
  of: {
    readonly text: (source: string) => string;
    readonly compose: (file: string, services: readonly string[]) => ContainersWanted;
  },
): ContainersWanted {
  if ('compose' in docker) return of.compose(docker.compose, []);
  return 'containers' in docker ? { kind: 'named', names: docker.containers.map(of.text) } : { kind: 'all' };
}
