import { idFromTitle } from '../identifier.ts';
import type { Problem } from '../problem.ts';
import type { Place, Source } from '../source.ts';
import { error, type RuleContext } from './context.ts';

type Named = { readonly id?: string | undefined; readonly title?: string; readonly text?: string };

/** Ids are unique in the whole file: phases, steps, rollback steps, checklist items, troubleshooting. */
export function* ids({ input, source, steps }: RuleContext): Iterable<Problem> {
  const named: [Named, string][] = [
    ...input.phases.map((phase): [Named, string] => [phase, 'phase']),
    ...steps.map(({ step, list }): [Named, string] => [step, list === 'steps' ? 'step' : 'rollback step']),
    ...input.phases.flatMap((phase) => phase.checklist ?? []).map((item): [Named, string] => [item, 'checklist item']),
    ...(input.troubleshooting ?? []).map((entry): [Named, string] => [entry, 'troubleshooting entry']),
  ];
  const found = named.map(([entry, noun]) => ({ noun, ...idOf(entry, source) }));
  const first = new Map<string, (typeof found)[number]>();
  found.sort(
    (a, b) => a.place.position.line - b.place.position.line || a.place.position.column - b.place.position.column,
  );
  for (const one of found) {
    const earlier = first.get(one.id);
    if (one.id === '') {
      yield error(
        'missing-key',
        `no id can be derived from ${JSON.stringify(one.from)}; give this ${one.noun} an \`id\``,
        one.place,
      );
    } else if (earlier === undefined) {
      first.set(one.id, one);
    } else {
      const { line } = earlier.place.position;
      const derived =
        one.derived || earlier.derived ? '; an id that is not given is derived from the title: give one' : '';
      yield error(
        'duplicate-id',
        `the id "${one.id}" of this ${one.noun} is already that of the ${earlier.noun} on line ${line}${derived}`,
        one.place,
      );
    }
  }
  if (input.id === undefined && idFromTitle(input.title) === '') {
    yield error(
      'missing-key',
      'no id can be derived from the title; give the runbook an `id`',
      source.value(input, 'title'),
    );
  }
}

function idOf(entry: Named, source: Source): { id: string; derived: boolean; from: string; place: Place } {
  if (entry.id !== undefined) return { id: entry.id, derived: false, from: entry.id, place: source.value(entry, 'id') };
  const key = entry.title === undefined ? 'text' : 'title';
  const from = entry.title ?? entry.text ?? '';
  return { id: idFromTitle(from), derived: true, from, place: source.value(entry, key) };
}
