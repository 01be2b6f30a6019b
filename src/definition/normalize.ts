import { idFromTitle } from './identifier.ts';
import {
  durationMs,
  type Inherited,
  normalizeEnv,
  normalizeEstimate,
  normalizeShell,
  normalizeStep,
} from './normalize-step.ts';
import type { Host, LogSource, Monitor, Phase, Runbook, Variable } from './runbook.ts';
import type { PhaseInput, RunbookInput, VariableInput } from './schema.ts';
import type { MonitorInput } from './schema-monitor.ts';
import type { Source } from './source.ts';

/** Makes a runbook of input that shape and rules have let through: ids, durations, defaults, inheritance. */
export function normalize(input: RunbookInput, source: Source): Runbook {
  const estimate = normalizeEstimate(input.estimate);
  return {
    id: input.id ?? idFromTitle(input.title),
    title: input.title,
    ...pick(input, ['project', 'owner', 'status', 'date', 'about']),
    ...(estimate === undefined ? {} : { estimate }),
    references: input.references ?? [],
    changelog: (input.changelog ?? []).map((entry) => ({
      ...entry,
      version:
        typeof entry.version === 'string' ? entry.version : (source.written(entry, 'version') ?? String(entry.version)),
    })),
    vars: Object.entries(input.vars ?? {}).map(([name, value]) =>
      normalizeVariable({ name, value, vars: input.vars ?? {}, source }),
    ),
    hosts: Object.entries(input.hosts ?? {}).map(
      ([id, host]): Host => ({ id, ...pick(host, ['about', 'hostname', 'ssh']) }),
    ),
    ...(input.monitor === undefined ? {} : { monitor: normalizeMonitor(input.monitor) }),
    phases: input.phases.map((phase) => normalizePhase(phase, source)),
    troubleshooting: (input.troubleshooting ?? []).map((entry) => ({
      id: entry.id ?? idFromTitle(entry.title),
      title: entry.title,
      ...pick(entry, ['match', 'fix']),
      phases: entry.phases ?? [],
      advice: entry.advice,
    })),
    cheatsheet: (input.cheatsheet ?? []).map(({ title, commands }) => ({
      title,
      commands: commands.map((command) => ({ run: command.run, ...pick(command, ['about', 'cwd']) })),
    })),
  };
}

function normalizePhase(input: PhaseInput, source: Source): Phase {
  const inherited: Inherited = { ...input, env: normalizeEnv(input.env, source) };
  const steps = (list: PhaseInput['steps']) => (list ?? []).map((step) => normalizeStep(step, { source, inherited }));
  const estimate = normalizeEstimate(input.estimate);
  return {
    id: input.id ?? idFromTitle(input.title),
    title: input.title,
    ...pick(input, ['about', 'gate']),
    ...(input.host ? { host: input.host } : {}),
    ...(input.cwd ? { cwd: input.cwd } : {}),
    env: inherited.env,
    shell: normalizeShell(input.shell),
    before: input.before ?? '',
    danger: input.danger ?? false,
    ...(estimate === undefined ? {} : { estimate }),
    position: source.of(input).position,
    steps: steps(input.steps),
    checklist: (input.checklist ?? []).map((item) => ({
      id: item.id ?? idFromTitle(item.text),
      text: item.text,
      ...pick(item, ['run']),
    })),
    ...(input.rollback === undefined ? {} : { rollback: steps(input.rollback) }),
  };
}

/** A scalar of a list or map as the file writes it. */
export function scalarText(container: object, key: string | number, source: Source): string {
  const value = (container as Record<string | number, unknown>)[key];
  return typeof value === 'string' ? value : (source.written(container, key) ?? String(value));
}

type VariableEntry = {
  readonly name: string;
  readonly value: VariableInput;
  readonly vars: Readonly<Record<string, VariableInput>>;
  readonly source: Source;
};

function normalizeVariable({ name, value, vars, source }: VariableEntry): Variable {
  const plain = { name, type: 'string', secret: false, optional: false } as const;
  if (typeof value !== 'object') return { ...plain, default: scalarText(vars, name, source) };
  const { choices } = value;
  return {
    ...plain,
    ...pick(value, ['about', 'pattern']),
    ...(value.default === undefined ? {} : { default: scalarText(value, 'default', source) }),
    ...(choices === undefined ? {} : { choices: choices.map((_choice, index) => scalarText(choices, index, source)) }),
    type: value.type ?? 'string',
    secret: value.secret ?? false,
    ...(value.mask === 'encoded' ? { mask: value.mask } : {}),
    optional: value.optional ?? false,
  };
}

/** What to watch, of valid input; of a runbook or of the project file. */
export function normalizeMonitor(input: MonitorInput): Monitor {
  const { docker, alert } = input;
  const selection =
    docker?.compose !== undefined
      ? { compose: docker.compose }
      : docker?.containers !== undefined
        ? { containers: docker.containers }
        : docker?.all
          ? ({ all: true } as const)
          : undefined;
  return {
    ...(selection === undefined ? {} : { docker: selection }),
    logs: (input.logs ?? []).map((log): LogSource => {
      if (log.docker === undefined) return { kind: 'file', file: log.file ?? '' };
      const { services = [], containers = [] } = log.docker;
      return { kind: 'docker', ...pick(log.docker, ['compose', 'tail']), services, containers };
    }),
    ...(alert === undefined
      ? {}
      : {
          alert: {
            pattern: alert.pattern,
            ...pick(alert, ['ignore']),
            max: alert.max,
            withinMs: durationMs(alert.within, 0),
          },
        }),
  };
}

/** The named keys of a map, without those that are absent. */
function pick<T extends object, K extends keyof T>(
  from: T,
  keys: readonly K[],
): { [P in K]?: Exclude<T[P], undefined> } {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as {
    [P in K]?: Exclude<T[P], undefined>;
  };
}
