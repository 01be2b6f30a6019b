import type { Context, Question } from './intent.ts';
import { missingVariables } from './ordering.ts';
import { secretsForUndos } from './secrets-for-undos.ts';
import { attemptByNumber, stateOf, stepById } from './select.ts';
import type { Attempt, Run } from './state.ts';

type Held = Pick<Context, 'secretsHeld'>;

/** What the verify of an attempt can't be asked without, and has no value since the run was opened again. */
export function missingForProof(
  run: Run,
  { purpose }: Attempt,
  context: Held,
): readonly Extract<Question, { kind: 'variable' }>[] {
  const rollback = purpose.kind === 'undo' ? run.rollbacks[purpose.rollback - 1] : undefined;
  if (purpose.kind === 'step' || rollback === undefined || rollback.paused) return missingVariables(run, context);
  // One that goes on was asked for what it names, and for no more: its proof wants no more either.
  return secretsForUndos(
    run,
    rollback.plan.items.filter(({ id }) => id === purpose.itemId),
    context,
  );
}

/** The names of what the verify of an attempt waits for; undefined: for nothing. */
export function awaitedNames(run: Run, attempt: Attempt, context: Held): string | undefined {
  const names = missingForProof(run, attempt, context).map(({ name }) => name);
  return names.length === 0 ? undefined : names.join(', ');
}

/** That a step's verify waits for a value, and how to give it; undefined: it does not. */
export function whyUnproven(run: Run, stepId: string, context: Held): string | undefined {
  const state = stateOf(run, stepId);
  const names =
    state.status === 'verifying' ? awaitedNames(run, attemptByNumber(run, state.attempt), context) : undefined;
  return names === undefined
    ? undefined
    : `The verify of “${stepById(run, stepId).title}” waits for ${names}. v: type it.`;
}
