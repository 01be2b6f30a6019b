import type { RollbackItem } from './event.ts';
import type { Context, Question } from './intent.ts';
import { missingVariables } from './ordering.ts';
import { stepsOf } from './select.ts';
import type { Run } from './state.ts';

/** Secrets that undos name, and whose values are not held since the run was opened again. */
export function secretsForUndos(
  run: Run,
  items: readonly RollbackItem[],
  context: Pick<Context, 'secretsHeld'>,
): readonly Extract<Question, { kind: 'variable' }>[] {
  const text = JSON.stringify(items.map((item) => [item.work, surroundingsOf(run, item)]));
  return missingVariables(run, context).filter((one) => one.secret && text.includes(one.name));
}

function surroundingsOf(run: Run, { work }: RollbackItem): unknown {
  const step = work.kind === 'plan' ? work.step : stepsOf(run).find((one) => one.id === work.stepId);
  return [step?.before, step?.env];
}
