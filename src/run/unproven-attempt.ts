import { mayStillRun, stateOf } from './select.ts';
import type { Attempt, Run } from './state.ts';

/** The last attempt of a step that was not taken back, if its processes may still be there; however long ago it ended. */
export function unprovenAttempt(run: Run, stepId: string): Attempt | undefined {
  if (stateOf(run, stepId).status === 'undone') return undefined;
  const attempt = run.attempts.findLast(
    ({ purpose, life }) => purpose.kind === 'step' && purpose.stepId === stepId && life.status !== 'withdrawn',
  );
  return attempt && mayStillRun(attempt) ? attempt : undefined;
}

/** Attempts of an undo, in any rollback, whose processes may still be there: two of it at once could do harm. */
export function unprovenUndos(run: Run, itemId: string): readonly Attempt[] {
  return run.attempts.filter(
    (attempt) => attempt.purpose.kind === 'undo' && attempt.purpose.itemId === itemId && mayStillRun(attempt),
  );
}
