import { idFromTitle } from '../identifier.ts';
import type { Problem, ProblemCode } from '../problem.ts';
import type { Place } from '../source.ts';
import { didYouMean } from '../suggest.ts';
import { error, type RuleContext } from './context.ts';

/** Hosts, steps and phases that are named exist, and what a step needs comes before it. */
export function* references(context: RuleContext): Iterable<Problem> {
  const { input, source, steps, known } = context;
  const hosts = { code: 'unknown-host', noun: 'host', names: known.hosts } as const;
  const withHost = [...input.phases, ...steps.map(({ step }) => step)];
  for (const one of withHost) {
    if (one.host) yield* unknown({ ...hosts, name: one.host, place: source.value(one, 'host') });
  }
  yield* needs(context);
  for (const { phases = [] } of input.troubleshooting ?? []) {
    for (const [index, name] of phases.entries()) {
      yield* unknown({
        code: 'unknown-phase',
        noun: 'phase',
        names: known.phases,
        name,
        place: source.value(phases, index),
      });
    }
  }
}

function* needs({ source, steps, known }: RuleContext): Iterable<Problem> {
  const own = steps.filter(({ list }) => list === 'steps').map(({ step }) => step);
  const order = new Map(own.map((step, index) => [step.id ?? idFromTitle(step.title), index]));
  for (const [index, step] of own.entries()) {
    for (const [at, name] of (step.needs ?? []).entries()) {
      const place = source.value(step.needs ?? [], at);
      const needed = order.get(name);
      if (needed === undefined) yield* unknown({ code: 'unknown-step', noun: 'step', names: known.steps, name, place });
      else if (needed === index) yield error('wrong-value', "a step can't need itself", place);
      else if (needed > index)
        yield error('wrong-value', `"${name}" comes after this step; a step needs earlier ones`, place);
    }
  }
}

type Reference = { code: ProblemCode; noun: string; names: ReadonlySet<string>; name: string; place: Place };

function* unknown({ code, noun, names, name, place }: Reference): Iterable<Problem> {
  if (names.has(name)) return;
  const near = didYouMean(name, names);
  const help =
    near !== undefined
      ? `did you mean "${near}"?`
      : names.size === 0
        ? `the file has no ${noun}s`
        : `known here: ${[...names].slice(0, 12).join(', ')}`;
  yield error(code, `there is no ${noun} "${name}"; ${help}`, place);
}
