import { doubtsBefore } from '../run/advance-rollback.ts';
import { activeRollback, stateOf } from '../run/select.ts';
import type { Run } from '../run/state.ts';
import { selectedUndo } from './scene.ts';
import type { OverlayFrame } from './view-state.ts';

/**
 * The attempt whose evidence is shown: of the unknown step that is decided about, or of the selected undo that is unknown or
 * waits because what it undoes may still run; undefined: none is.
 */
export function evidenceAttempt(run: Run, overlays: readonly OverlayFrame[]): number | undefined {
  const frame = overlays.findLast(({ overlay }) => overlay.kind === 'unknown' || overlay.kind === 'rollback');
  if (frame?.overlay.kind === 'unknown') {
    const state = stateOf(run, frame.overlay.stepId);
    return state.status === 'unknown' ? state.attempt : undefined;
  }
  const rollback = activeRollback(run);
  const item = rollback?.plan.items[selectedUndo(run, frame?.at ?? -1)];
  if (frame === undefined || rollback === undefined || item === undefined) return undefined;
  const state = rollback.items[item.id];
  if (state?.status === 'unknown') return state.attempt;
  const isBlocked = state?.status === 'failed' && state.attempt === undefined;
  return isBlocked ? doubtsBefore(run, rollback, item)[0]?.number : undefined;
}
