import { expand } from '../definition/expand.ts';
import type { Poll, Probe, Runbook, Step } from '../definition/runbook.ts';
import type { AttemptSpec, EditToRestore, ResolvedPoll, ResolvedProbe, Work } from '../runner/spec.ts';
import type { Purpose, RollbackItem } from './event.ts';
import { goesOverSsh } from './goes-over-ssh.ts';
import { asRecorded } from './recorded-values.ts';
import { attemptByNumber, phaseById, stepById } from './select.ts';
import type { Attempt, Run } from './state.ts';

/** Where a run takes place: what the built-in variables and relative paths stand on. All paths absolute. */
export type Place = {
  readonly home: string;
  /** Folder of the definition file: `RUNBOOK_DIR`. */
  readonly definitionDir: string;
  /** The run's private folder: `RUNBOOK_RUN_DIR`. */
  readonly runDir: string;
  /** A Node that satisfies this program: `RUNBOOK_NODE`. */
  readonly node: string;
};

/** What of an attempt's spec follows from run and definition alone. */
export type PlannedAttempt = Pick<
  AttemptSpec,
  'attempt' | 'title' | 'work' | 'cwd' | 'env' | 'secretNames' | 'encodedSecrets' | 'expect' | 'overSsh' | 'capture'
> & {
  readonly requires?: readonly string[];
  readonly timeoutMs?: number;
};

/** A question a shell answers: an `unless`, a `verify`, a `requires`, an item's `run`. */
export type PlannedQuestion = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Asked over ssh: with 255 it has no answer. */
  readonly overSsh?: true;
};

/** An undo that says nothing of its own deadline still has one: a rollback must not hang for ever. */
const UNDO_TIMEOUT_MS = 30 * 60_000;

/** Every value that commands see and `${NAME}` expands to; secrets are not among them. */
export function environmentOf(run: Run, place: Place): Readonly<Record<string, string>> {
  const secrets = new Set(run.runbook.vars.filter((one) => one.secret).map((one) => one.name));
  const empty = run.runbook.vars.filter((one) => one.optional && !one.secret).map((one) => [one.name, '']);
  const values = Object.entries(run.values).filter(([name]) => !secrets.has(name));
  return {
    ...Object.fromEntries(empty),
    ...Object.fromEntries(values),
    RUNBOOK_DIR: place.definitionDir,
    RUNBOOK_RUN_DIR: place.runDir,
    RUNBOOK_NODE: place.node,
  };
}

/** Expands `${NAME}` for showing; a name without a value stays as it is written. */
export function expandFor(run: Run, text: string): string {
  const expanded = expand(text, run.values);
  return typeof expanded === 'string' ? expanded : text;
}

/** What an attempt is to do. */
export function planAttempt(
  run: Run,
  place: Place,
  attempt: Pick<Attempt, 'number' | 'purpose' | 'title'>,
): PlannedAttempt {
  const { step, item } = subjectOf(run, attempt.purpose);
  const known = item ? asRecorded(run, item) : run;
  const planner = plannerFor(known, place, step);
  const base = {
    attempt: attempt.number,
    title: attempt.title,
    cwd: planner.cwd,
    env: planner.env,
    secretNames: run.runbook.vars.filter((one) => one.secret).map((one) => one.name),
    ...encodedSecretsOf(run.runbook),
    expect: { exit: [0] },
    capture: false,
  };
  if (item?.work.kind === 'undo') {
    const on = step.terminal ? 'pty' : 'pipes';
    const work = { kind: 'command', argv: planner.argv(item.work.script), on } as const;
    const requires = item.work.requires === undefined ? {} : { requires: planner.argv(item.work.requires) };
    return { ...base, work, ...overSsh(work.argv), ...requires, timeoutMs: item.work.timeoutMs ?? UNDO_TIMEOUT_MS };
  }
  if (item?.work.kind === 'restore') {
    return { ...base, work: planRestore(known, place, item.work), timeoutMs: UNDO_TIMEOUT_MS };
  }
  const timeoutMs = step.timeoutMs ?? (item ? UNDO_TIMEOUT_MS : undefined);
  const work = workOf(step, planner);
  return {
    ...base,
    work,
    ...(work.kind === 'command' || work.kind === 'service' ? overSsh(work.argv) : {}),
    expect: step.expect,
    capture: step.capture !== undefined,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function overSsh(argv: readonly string[]): { readonly overSsh?: true } {
  return goesOverSsh(argv.at(-1) ?? '') ? { overSsh: true } : {};
}

/** Names of the secrets whose encoded forms are masked too; nothing where there is none. */
export function encodedSecretsOf(runbook: Runbook): Pick<AttemptSpec, 'encodedSecrets'> {
  const names = runbook.vars.filter((one) => one.secret && one.mask === 'encoded').map((one) => one.name);
  return names.length === 0 ? {} : { encodedSecrets: names };
}

/** What puts back the file that attempts of an `edit` step changed. */
export function planRestore(
  run: Run,
  place: Place,
  { stepId, attempt, earlier }: Extract<RollbackItem['work'], { kind: 'restore' }>,
): Extract<Work, { kind: 'restore' }> {
  const step = stepById(run, stepId);
  const edited = (number: number): EditToRestore => {
    const life = run.attempts[number - 1]?.life;
    return {
      editFolder: `${place.runDir}/${attemptFolderName(number, stepId)}`,
      wasWritten: life?.status === 'ended' && life.result.edit !== undefined,
    };
  };
  return {
    kind: 'restore',
    file: step.action.kind === 'edit' ? plannerFor(run, place, step).path(step.action.edit.file) : '',
    ...edited(attempt),
    ...(earlier === undefined ? {} : { earlier: earlier.map(edited) }),
  };
}

/** Folder of an attempt below the run's: `attempts/0007-restart-worker`. */
export function attemptFolderName(number: number, name: string): string {
  return `attempts/${String(number).padStart(4, '0')}-${name}`;
}

/** The last part of an attempt's folder name: its step, or the step or plan item it undoes. */
export function attemptName(purpose: Purpose): string {
  return purpose.kind === 'step' ? purpose.stepId : `undo-${purpose.itemId.replace(/^undo:/, '').replaceAll('/', '-')}`;
}

/** A question asked in a step's own surroundings; `item`: it is about that undo of it. */
export function planQuestion(run: Run, place: Place, step: Step, script: string, item?: RollbackItem): PlannedQuestion {
  return questionIn(plannerFor(item ? asRecorded(run, item) : run, place, step), script);
}

/** A checklist item's command, in its phase's surroundings. */
export function planItemQuestion(run: Run, place: Place, phaseId: string, script: string): PlannedQuestion {
  const phase = phaseById(run, phaseId);
  return questionIn(plannerFor(run, place, phase), script);
}

function questionIn(planner: Planner, script: string): PlannedQuestion {
  const argv = planner.argv(script);
  return { argv, cwd: planner.cwd, env: planner.env, ...overSsh(argv) };
}

/** The step whose surroundings an attempt's work is done in, and the item of a rollback it is for. */
export function subjectOf(run: Run, purpose: Purpose): { readonly step: Step; readonly item?: RollbackItem } {
  if (purpose.kind === 'step') return { step: stepById(run, purpose.stepId) };
  const item = run.rollbacks[purpose.rollback - 1]?.plan.items.find((candidate) => candidate.id === purpose.itemId);
  if (!item) throw new RangeError(`Rollback ${purpose.rollback} has no item "${purpose.itemId}".`);
  return { item, step: item.work.kind === 'plan' ? item.work.step : stepById(run, item.work.stepId) };
}

/** Whether what an attempt prints goes through a terminal; where none could be had, only its result says so. */
export function isOnTerminal(run: Run, number: number): boolean {
  const { life, purpose } = attemptByNumber(run, number);
  if (life.status === 'ended') return life.result.output.on !== 'pipes';
  const { step } = subjectOf(run, purpose);
  return step.terminal || step.action.kind === 'interactive';
}

type Surroundings = Pick<Step, 'cwd' | 'env' | 'shell' | 'before'>;

type Planner = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: (script: string) => readonly string[];
  readonly text: (text: string) => string;
  readonly path: (text: string) => string;
};

function plannerFor(run: Run, place: Place, surroundings: Surroundings): Planner {
  const values = environmentOf(run, place);
  // A secret stays a name here; the runner puts its value in, so that no file ever holds it.
  const secrets = run.runbook.vars.filter((one) => one.secret).map((one) => [one.name, `\${${one.name}}`]);
  const known = { ...values, ...Object.fromEntries(secrets) };
  const text = (source: string) => {
    const expanded = expand(source, known);
    return typeof expanded === 'string' ? expanded : source;
  };
  const cwd = absolute(text(surroundings.cwd ?? '.'), place.definitionDir, place.home);
  const own = Object.fromEntries(Object.entries(surroundings.env).map(([name, value]) => [name, text(value)]));
  return {
    cwd,
    env: { ...values, ...own },
    text,
    path: (source) => absolute(text(source), cwd, place.home),
    argv: (script) => [
      ...surroundings.shell,
      '-c',
      surroundings.before === '' ? script : `${surroundings.before}\n${script}`,
    ],
  };
}

/** A path as a definition writes it, made absolute; without `node:path`: the core knows no platform, both of ours use `/`. */
export function absolute(path: string, base: string, home: string): string {
  if (path === '~' || path.startsWith('~/')) return `${home}${path.slice(1)}`;
  if (path.startsWith('/')) return path;
  return path === '.' || path === '' ? base : `${base}/${path.replace(/^\.\//, '')}`;
}

function workOf(step: Step, planner: Planner): Work {
  const { action } = step;
  const on = step.terminal ? 'pty' : 'pipes';
  switch (action.kind) {
    case 'run':
      return { kind: 'command', argv: planner.argv(action.script), on };
    case 'interactive':
      return { kind: 'command', argv: planner.argv(action.script), on: 'pty' };
    case 'edit':
      return {
        kind: 'edit',
        file: planner.path(action.edit.file),
        replace: planner.text(action.edit.replace),
        with: planner.text(action.edit.with),
        times: action.edit.times,
      };
    case 'check':
      return { kind: 'check', poll: pollOf(action.poll, planner) };
    case 'service': {
      const ready = action.ready ? { ready: pollOf(action.ready, planner) } : {};
      return { kind: 'service', argv: planner.argv(action.script), on, ...ready };
    }
    case 'watch': {
      const { everyMs, forMs, maxFailures } = action;
      return { kind: 'watch', probe: probeOf(action.probe, planner), everyMs, forMs, maxFailures };
    }
    case 'manual':
      throw new RangeError(`"${step.id}" is done by a person: there is nothing to execute.`);
    default:
      return action satisfies never;
  }
}

function pollOf(poll: Poll, planner: Planner): ResolvedPoll {
  return { probe: probeOf(poll.probe, planner), withinMs: poll.withinMs, everyMs: poll.everyMs };
}

function probeOf(probe: Probe, planner: Planner): ResolvedProbe {
  switch (probe.kind) {
    case 'command':
      return { kind: 'command', argv: planner.argv(probe.script), timeoutMs: probe.timeoutMs };
    case 'tcp':
      return {
        kind: 'tcp',
        host: planner.text(probe.host),
        port: Number(planner.text(probe.port)),
        timeoutMs: probe.timeoutMs,
      };
    case 'http': {
      const headers = Object.fromEntries(
        Object.entries(probe.headers).map(([name, value]) => [name, planner.text(value)]),
      );
      const body = probe.body === undefined ? {} : { body: planner.text(probe.body) };
      const json = probe.json === undefined ? {} : { json: expandJson(probe.json, planner) };
      return { ...probe, url: planner.text(probe.url), headers, ...body, ...json };
    }
    default:
      return probe satisfies never;
  }
}

function expandJson(value: unknown, planner: Planner): unknown {
  if (typeof value === 'string') return planner.text(value);
  if (Array.isArray(value)) return value.map((one) => expandJson(one, planner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, expandJson(one, planner)]));
}
