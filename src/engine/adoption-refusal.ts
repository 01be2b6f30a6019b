import { activeRollback, askedItem, foregroundStepId, stepById, unknownStepId } from '../run/select.ts';
import type { Run } from '../run/state.ts';

/** Why a changed definition can't be adopted now; undefined: it can. */
export function adoptionRefusal(run: Run): string | undefined {
  if (activeRollback(run)) return 'A rollback goes by the stored definition. Finish it or give it up first: r.';
  const unknown = unknownStepId(run);
  if (unknown !== undefined)
    return `Nobody knows how “${stepById(run, unknown).title}” ended. Settle that first: Enter on it.`;
  if (run.active.length > 0 || run.runOn !== undefined || foregroundStepId(run) !== undefined)
    return 'Something is running by the stored definition. Wait for it, or stop it: x.';
  // Its answer would tick, or not, what the adopted definition asks under the same id.
  const asked = askedItem(run);
  if (asked) return `“${asked.text}” is being asked. Wait for the answer.`;
  return undefined;
}
