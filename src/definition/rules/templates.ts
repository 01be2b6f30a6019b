import type { ProbeInput, ReadyInput, StepInput } from '../schema-step.ts';
import type { RuleContext } from './context.ts';

/** A text that no shell reads, by the map or list that holds it; `secrets` where a secret may stand in it. */
export type Template = { readonly holder: object; readonly key: string | number; readonly secrets?: boolean };

/** Every text of a runbook in which `${NAME}` is expanded; defaults of variables apart, which have a rule of their own. */
export function* templates({ input, steps }: RuleContext): Iterable<Template> {
  yield* keys(input, ['title', 'about']);
  for (const reference of input.references ?? []) yield* keys(reference, ['title', 'url']);
  for (const variable of Object.values(input.vars ?? {}))
    if (typeof variable === 'object') yield* keys(variable, ['about']);
  for (const host of Object.values(input.hosts ?? {})) yield* keys(host, ['about', 'hostname', 'ssh']);
  yield* monitor(input.monitor);
  for (const phase of input.phases) {
    yield* keys(phase, ['title', 'about', 'cwd', 'gate']);
    yield* values(phase.env, true);
    for (const item of phase.checklist ?? []) yield* keys(item, ['text']);
  }
  for (const { step } of steps) yield* stepTexts(step);
  for (const entry of input.troubleshooting ?? []) yield* keys(entry, ['title', 'advice']);
  for (const sheet of input.cheatsheet ?? []) {
    yield* keys(sheet, ['title']);
    for (const command of sheet.commands) yield* keys(command, ['about', 'cwd']);
  }
}

function* stepTexts(step: StepInput): Iterable<Template> {
  yield* keys(step, ['title', 'about', 'cwd', 'manual', 'irreversible']);
  yield* values(step.env, true);
  if (step.edit !== undefined) yield* keys(step.edit, ['file', 'replace', 'with']);
  if (typeof step.undo === 'object') yield* keys(step.undo, ['about']);
  for (const probe of [step.check, step.watch?.check, step.ready]) yield* probeTexts(probe);
}

function* probeTexts(probe: ProbeInput | ReadyInput | undefined): Iterable<Template> {
  if (typeof probe !== 'object') return;
  yield* keys(probe, ['http', 'tcp']);
  yield { holder: probe, key: 'body', secrets: true };
  yield* values(probe.headers, true);
  yield* json(probe, 'json');
}

function* monitor(input: RuleContext['input']['monitor']): Iterable<Template> {
  if (input?.docker !== undefined) {
    yield* keys(input.docker, ['compose']);
    yield* values(input.docker.containers);
  }
  for (const log of input?.logs ?? []) {
    yield* keys(log, ['file']);
    if (log.docker === undefined) continue;
    yield* keys(log.docker, ['compose']);
    yield* values(log.docker.services);
    yield* values(log.docker.containers);
  }
}

function* keys<T extends object>(holder: T, names: readonly (keyof T & string)[]): Iterable<Template> {
  for (const key of names) yield { holder, key };
}

function* values(holder: object | undefined, secrets = false): Iterable<Template> {
  if (holder === undefined) return;
  const all = Array.isArray(holder) ? holder.keys() : Object.keys(holder);
  for (const key of all) yield { holder, key, secrets };
}

/** The texts of an expected JSON value; its depth is bounded by that of the file. */
function* json(holder: object, key: string | number): Iterable<Template> {
  const value = (holder as Record<string | number, unknown>)[key];
  if (typeof value === 'string') yield { holder, key };
  if (value === null || typeof value !== 'object') return;
  const all = Array.isArray(value) ? value.keys() : Object.keys(value);
  for (const inner of all) yield* json(value, inner);
}
