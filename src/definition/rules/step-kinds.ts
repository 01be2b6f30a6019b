import type { Problem } from '../problem.ts';
import type { StepKind } from '../runbook.ts';
import { kindKeys } from '../schema-step.ts';
import { error, kindsOf, type RuleContext } from './context.ts';

/** The kinds that a rollback plan may hold. */
const rollbackKinds: readonly StepKind[] = ['run', 'edit', 'check', 'manual'];

/** A step is of exactly one kind, a rollback step of one that can take back; a phase has something to do. */
export function* stepKinds({ input, source, steps, touched }: RuleContext): Iterable<Problem> {
  for (const { step, list, kind } of steps) {
    const [first, ...more] = kindsOf(step);
    if (first === undefined && !touched.has(step)) {
      const kinds = Object.keys(kindKeys).join(', ');
      yield error(
        'missing-key',
        `the step "${step.title}" says nothing to do; it has to have one of ${kinds}`,
        source.of(step),
      );
    }
    for (const extra of more) {
      yield error(
        'wrong-kind',
        `a step is of one kind; this one is \`${first}\` already, make \`${extra}\` a step of its own`,
        source.key(step, extra),
      );
    }
    if (list === 'rollback' && kind !== undefined && !rollbackKinds.includes(kind)) {
      const message = `a rollback step can't be \`${kind}\`; allowed are ${rollbackKinds.join(', ')}`;
      yield error('wrong-kind', message, source.key(step, kind));
    }
  }
  for (const phase of input.phases) {
    const empty = (phase.steps ?? []).length === 0 && (phase.checklist ?? []).length === 0;
    if (empty && !touched.has(phase)) {
      yield error('missing-key', `the phase "${phase.title}" has neither steps nor a checklist`, source.of(phase));
    }
  }
}
