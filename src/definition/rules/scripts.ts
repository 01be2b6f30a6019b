import type { ProbeInput, QuestionInput } from '../schema-step.ts';
import type { PlacedStep, RuleContext } from './context.ts';

/** What a script of a runbook is for; traps differ. */
export type ScriptUse = 'run' | 'interactive' | 'service' | 'question' | 'undo' | 'rollback';

/** A shell script by the map that holds it. */
export type Script = { readonly holder: object; readonly key: string; readonly text: string; readonly use: ScriptUse };

/** Every shell script of a runbook, `before` and the cheat sheet apart. */
export function* scripts({ input, steps }: RuleContext): Iterable<Script> {
  for (const placed of steps) yield* stepScripts(placed);
  for (const item of input.phases.flatMap((phase) => phase.checklist ?? [])) yield* one(item, 'run', 'question');
}

function* stepScripts({ step, list }: PlacedStep): Iterable<Script> {
  yield* one(step, 'run', list === 'rollback' ? 'rollback' : 'run');
  yield* one(step, 'interactive', 'interactive');
  yield* one(step, 'service', 'service');
  yield* one(step, 'verify', 'question');
  yield* question(step, 'unless', step.unless);
  if (typeof step.undo === 'object') {
    yield* one(step.undo, 'run', 'undo');
    yield* one(step.undo, 'verify', 'question');
    yield* question(step.undo, 'requires', step.undo.requires);
  } else yield* one(step, 'undo', 'undo');
  yield* probe(step, 'check', step.check);
  yield* probe(step, 'ready', step.ready);
  if (step.watch !== undefined) yield* probe(step.watch, 'check', step.watch.check);
}

function* question(holder: object, key: string, input: QuestionInput | undefined): Iterable<Script> {
  if (typeof input === 'object') yield* one(input, 'run', 'question');
  else yield* one(holder, key, 'question');
}

function* probe(holder: object, key: string, input: ProbeInput | undefined): Iterable<Script> {
  if (typeof input === 'object') yield* one(input, 'run', 'question');
  else yield* one(holder, key, 'question');
}

function* one(holder: object, key: string, use: ScriptUse): Iterable<Script> {
  const text = (holder as Record<string, unknown>)[key];
  if (typeof text === 'string') yield { holder, key, text, use };
}
