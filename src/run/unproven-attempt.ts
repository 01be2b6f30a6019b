import type { RollbackItem } from './event.ts';
import { mayStillRun, stateOf } from './select.ts';
import type { Attempt, Run } from './state.ts';

/** The last attempt of a step that was not taken back whose processes may still be there; however long ago it ended. */
export function unprovenAttempt(run: Run, stepId: string): Attempt | undefined {
  if (stateOf(run, stepId).status === 'undone') return undefined;
  return run.attempts.findLast(
    (attempt) => attempt.purpose.kind === 'step' && attempt.purpose.stepId === stepId && mayStillRun(attempt),
  );
}

/**
 * Attempts of an undo, in any rollback, whose processes may still be there, and of what takes the same back in another way:
 * a step of a phase's own plan, beside the undo of one of its steps.
 */
export function unprovenBeside(run: Run, item: RollbackItem): readonly Attempt[] {
  return run.attempts.filter((attempt) => {
    if (attempt.purpose.kind !== 'undo' || !mayStillRun(attempt)) return false;
    const { rollback, itemId } = attempt.purpose;
    const other = run.rollbacks[rollback - 1]?.plan.items.find((one) => one.id === itemId);
    if (itemId === item.id || other === undefined) return itemId === item.id;
    return other.phaseId === item.phaseId && (other.work.kind === 'plan') !== (item.work.kind === 'plan');
  });
}

/** Attempts of an undo, in any rollback, whose processes may still be there: two of it at once could do harm. */
export function unprovenUndos(run: Run, itemId: string): readonly Attempt[] {
  return run.attempts.filter(
    (attempt) => attempt.purpose.kind === 'undo' && attempt.purpose.itemId === itemId && mayStillRun(attempt),
  );
}
