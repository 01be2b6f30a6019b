import { isUndoing } from './advance-rollback.ts';
import { needsOf } from './decide-begin.ts';
import { activeRollback, stepById, unknownStepId } from './select.ts';
import type { Run } from './state.ts';

/** Why a step that was wanted, and waited for an answer or for its retry, does not begin now; undefined: it does. */
export function whyNotAfterAll(run: Run, stepId: string): string | undefined {
  if (run.closed) return 'the run was put aside';
  const rollback = activeRollback(run);
  if (rollback && isUndoing(rollback)) return 'an undo is under way';
  const unknown = unknownStepId(run);
  if (unknown !== undefined) return `nobody knows how “${stepById(run, unknown).title}” ended`;
  const [need] = needsOf(run, stepId);
  return need && `it needs “${need.title}” first`;
}
