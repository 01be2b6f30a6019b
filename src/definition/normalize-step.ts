import { parseDuration, parseEstimate } from './duration.ts';
import { idFromTitle } from './identifier.ts';
import type { Estimate, Poll, Probe, Question, Step, StepAction, Undo } from './runbook.ts';
import type { PhaseInput } from './schema.ts';
import type { ProbeInput, QuestionInput, ReadyInput, StepInput, UndoInput } from './schema-step.ts';
import type { Source } from './source.ts';

/** What holds where a definition says nothing; the schema's descriptions tell the same. */
export const defaults = {
  shell: ['bash', '-euo', 'pipefail'],
  withinMs: 60_000,
  everyMs: 2_000,
  watchEveryMs: 60_000,
  watchMaxFailures: 3,
  retryEveryMs: 5_000,
  probeTimeoutMs: { http: 10_000, tcp: 5_000, command: 60_000 },
} as const;

/** What a step takes over from its phase. */
export type Inherited = Pick<PhaseInput, 'host' | 'cwd' | 'shell' | 'before'> & {
  readonly env: Readonly<Record<string, string>>;
};

/** Makes a step of valid input: kind, durations, defaults, and what it takes over from its phase. */
export function normalizeStep(input: StepInput, { source, inherited }: { source: Source; inherited: Inherited }): Step {
  const action = normalizeAction(input, source);
  const estimate = normalizeEstimate(input.estimate);
  const host = input.host ?? inherited.host;
  const cwd = input.cwd ?? inherited.cwd;
  return {
    id: input.id ?? idFromTitle(input.title),
    title: input.title,
    ...(input.about === undefined ? {} : { about: input.about }),
    action,
    position: source.of(input).position,
    ...(host ? { host } : {}),
    ...(cwd ? { cwd } : {}),
    env: { ...inherited.env, ...normalizeEnv(input.env, source) },
    shell: normalizeShell(input.shell ?? inherited.shell),
    terminal: input.terminal ?? input.capture === undefined,
    before: input.before ?? inherited.before ?? '',
    ...(input.unless === undefined ? {} : { unless: normalizeQuestion(input.unless) }),
    ...(input.verify === undefined ? {} : { verify: input.verify }),
    ...(input.undo === undefined ? {} : { undo: normalizeUndo(input.undo) }),
    ...(input.irreversible === undefined ? {} : { irreversible: input.irreversible }),
    readonly: input.readonly ?? (action.kind === 'check' || action.kind === 'watch'),
    confirm: input.confirm ?? false,
    danger: input.danger ?? false,
    required: input.required ?? false,
    ...(input.timeout === undefined ? {} : { timeoutMs: durationMs(input.timeout, 0) }),
    ...(input.retry === undefined
      ? {}
      : { retry: { times: input.retry.times, everyMs: durationMs(input.retry.every, defaults.retryEveryMs) } }),
    expect: normalizeExpectation(input.expect),
    ...(input.capture === undefined ? {} : { capture: input.capture }),
    ...(estimate === undefined ? {} : { estimate }),
    tags: input.tags ?? [],
    needs: input.needs ?? [],
  };
}

function normalizeAction(input: StepInput, source: Source): StepAction {
  const polled = { within: input.within, every: input.every };
  if (input.interactive !== undefined) return { kind: 'interactive', script: input.interactive };
  if (input.manual !== undefined) return { kind: 'manual', text: input.manual };
  if (input.edit !== undefined) return { kind: 'edit', edit: { ...input.edit, times: input.edit.times ?? 1 } };
  if (input.check !== undefined)
    return { kind: 'check', poll: normalizePoll(normalizeProbe(input.check, source), polled) };
  if (input.service !== undefined) {
    return {
      kind: 'service',
      script: input.service,
      ...(input.ready === undefined ? {} : { ready: readyPoll(input.ready, source) }),
    };
  }
  if (input.watch !== undefined) {
    return {
      kind: 'watch',
      probe: normalizeProbe(input.watch.check, source),
      everyMs: durationMs(input.watch.every, defaults.watchEveryMs),
      forMs: durationMs(input.watch.for, 0),
      maxFailures: input.watch['max-failures'] ?? defaults.watchMaxFailures,
    };
  }
  return { kind: 'run', script: input.run ?? '' };
}

function readyPoll(ready: string | ReadyInput, source: Source): Poll {
  return normalizePoll(normalizeProbe(ready, source), typeof ready === 'string' ? {} : ready);
}

function normalizePoll(
  probe: Probe,
  { within, every }: { within?: string | undefined; every?: string | undefined },
): Poll {
  return { probe, withinMs: durationMs(within, defaults.withinMs), everyMs: durationMs(every, defaults.everyMs) };
}

function normalizeProbe(input: ProbeInput | ReadyInput, source: Source): Probe {
  const { command, tcp, http } = defaults.probeTimeoutMs;
  if (typeof input === 'string') return { kind: 'command', script: input, timeoutMs: command };
  if (input.run !== undefined)
    return { kind: 'command', script: input.run, timeoutMs: durationMs(input.timeout, command) };
  if (input.tcp !== undefined)
    return { kind: 'tcp', ...hostAndPort(input.tcp), timeoutMs: durationMs(input.timeout, tcp) };
  return {
    kind: 'http',
    url: input.http ?? '',
    method: input.method ?? (input.body === undefined ? 'GET' : 'POST'),
    headers: normalizeEnv(input.headers, source),
    ...(input.body === undefined ? {} : { body: input.body }),
    ...(input.status === undefined ? {} : { status: input.status }),
    ...(input.json === undefined ? {} : { json: input.json }),
    ...(input.match === undefined ? {} : { match: input.match }),
    timeoutMs: durationMs(input.timeout, http),
  };
}

/** `localhost:5432`, `[::1]:5432`, `${HOST}:${PORT}`: what is before and behind the last colon. */
export function hostAndPort(text: string): { host: string; port: string } {
  const colon = text.lastIndexOf(':');
  if (colon === -1) return { host: text, port: '' };
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: text.slice(colon + 1) };
}

function normalizeQuestion(input: QuestionInput): Question {
  return typeof input === 'string' ? { script: input, safe: false } : { script: input.run, safe: input.safe ?? false };
}

function normalizeUndo(input: UndoInput): Undo {
  if (typeof input === 'string') return { script: input };
  return {
    script: input.run,
    ...(input.requires === undefined ? {} : { requires: normalizeQuestion(input.requires) }),
    ...(input.verify === undefined ? {} : { verify: input.verify }),
    ...(input.timeout === undefined ? {} : { timeoutMs: durationMs(input.timeout, 0) }),
    ...(input.about === undefined ? {} : { about: input.about }),
  };
}

function normalizeExpectation(input: StepInput['expect']): Step['expect'] {
  const noMatch = input?.['no-match'];
  return {
    exit: input?.exit === undefined ? [0] : typeof input.exit === 'number' ? [input.exit] : input.exit,
    ...(input?.match === undefined ? {} : { match: input.match }),
    ...(noMatch === undefined ? {} : { noMatch }),
  };
}

/** A map of scalars as texts, each as the file writes it: 1.10 stays 1.10. */
export function normalizeEnv(
  input: Readonly<Record<string, string | number | boolean>> | undefined,
  source: Source,
): Record<string, string> {
  const entries = Object.entries(input ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      typeof value === 'string' ? value : (source.written(input ?? {}, name) ?? String(value)),
    ]),
  );
}

/** Program and arguments; a text is split at its spaces. */
export function normalizeShell(input: PhaseInput['shell']): readonly string[] {
  if (input === undefined || input === '') return defaults.shell;
  return typeof input === 'string' ? input.trim().split(/\s+/) : input;
}

/** The estimate of valid input. */
export function normalizeEstimate(input: string | undefined): Estimate | undefined {
  return input === undefined ? undefined : parseEstimate(input);
}

/** Milliseconds of a duration that the schema has let through. */
export function durationMs(input: string | undefined, absentMs: number): number {
  return input === undefined ? absentMs : (parseDuration(input) ?? absentMs);
}
