import type { Problem } from '../problem.ts';
import { type RuleContext, warning } from './context.ts';

/** A step that may change something says how it is taken back, or why it can't be. */
export function* wayBack({ source, steps, touched }: RuleContext): Iterable<Problem> {
  for (const { step, phase, list, kind } of steps) {
    if (list === 'rollback' || phase.rollback !== undefined || touched.has(step)) continue;
    if (kind !== 'run' && kind !== 'interactive' && kind !== 'manual') continue;
    if (step.undo !== undefined || step.irreversible !== undefined || step.readonly !== undefined) continue;
    const message = `"${step.title}" may change something and has no way back; give it \`undo\`, or say \`irreversible: why\` or \`readonly: true\``;
    yield warning('no-way-back', message, source.value(step, 'title'));
  }
}
