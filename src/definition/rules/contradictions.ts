import type { Problem } from '../problem.ts';
import { error, type RuleContext } from './context.ts';

/** Two keys of one step that can't both be true, and expectations nothing can meet. */
export function* contradictions({ input, source, steps }: RuleContext): Iterable<Problem> {
  for (const { step, kind, list } of steps) {
    if (list === 'rollback') continue;
    const back = step.undo !== undefined ? 'undo' : step.irreversible !== undefined ? 'irreversible' : undefined;
    if (step.readonly === true && (back !== undefined || kind === 'edit')) {
      const other = kind === 'edit' ? 'it is an edit' : `it has \`${back}\``;
      yield error('wrong-value', `the step can't be readonly: ${other}`, source.value(step, 'readonly'));
    }
    if (step.readonly === false && (kind === 'check' || kind === 'watch')) {
      yield error('wrong-value', `a ${kind} changes nothing; take \`readonly\` away`, source.value(step, 'readonly'));
    }
    if (step.undo !== undefined && step.irreversible !== undefined) {
      yield error(
        'wrong-value',
        'the step has an undo and says that there is none; take one away',
        source.key(step, 'irreversible'),
      );
    }
    if (step.edit !== undefined && step.edit.replace === step.edit.with) {
      yield error('wrong-value', 'the text is replaced by itself', source.value(step.edit, 'with'));
    }
  }
  const last = input.phases.at(-1);
  if (last?.gate !== undefined) {
    const message = 'a gate is asked before the next phase, and none comes after this one; make it a checklist item';
    yield error('wrong-value', message, source.key(last, 'gate'));
  }
}
