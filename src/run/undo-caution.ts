import type { RollbackItem } from './event.ts';
import { phaseById, stateOf, stepsOf } from './select.ts';
import type { Run } from './state.ts';

/** What is not known of the steps that an undo takes back, a sentence each without its full stop; the plan says it before. */
export function undoCautions(run: Run, { work, phaseId }: RollbackItem): readonly string[] {
  const steps =
    work.kind === 'plan'
      ? phaseById(run, phaseId).steps.filter((step) => !step.readonly)
      : stepsOf(run).filter(({ id }) => id === work.stepId);
  return steps.flatMap((step) => {
    const state = stateOf(run, step.id);
    return state.status === 'unknown' ? [`nobody knows how “${step.title}” ended: ${state.why}`] : [];
  });
}
