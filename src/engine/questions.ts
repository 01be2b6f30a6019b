import type { Effect } from '../run/effect.ts';
import { type Place, type PlannedQuestion, planItemQuestion, planQuestion, subjectOf } from '../run/plan.ts';
import { verifyOf } from '../run/reduce-rollback.ts';
import { attemptByNumber, itemById, stepById } from '../run/select.ts';
import type { Run } from '../run/state.ts';

/** The command that answers a question of the run, in the surroundings of what it is about. */
export function questionFor(
  run: Run,
  place: Place,
  effect: Extract<Effect, { type: 'ask unless' | 'ask verify' | 'ask item' }>,
): PlannedQuestion {
  switch (effect.type) {
    case 'ask unless': {
      const step = stepById(run, effect.stepId);
      return planQuestion(run, place, step, step.unless?.script ?? 'false');
    }
    case 'ask verify': {
      const { purpose } = attemptByNumber(run, effect.attempt);
      const { step } = subjectOf(run, purpose);
      const script = purpose.kind === 'step' ? step.verify : verifyOf(run, purpose.rollback, purpose.itemId);
      return planQuestion(run, place, step, script ?? 'false');
    }
    case 'ask item': {
      const { item, phase } = itemById(run, effect.itemId);
      return planItemQuestion(run, place, phase.id, item.run ?? 'false');
    }
    default:
      return effect satisfies never;
  }
}
