import type { Run } from '../run/state.ts';
import { rollbackShown } from './scene.ts';
import type { Overlay, OverlayFrame } from './view-state.ts';

/**
 * The overlays whose phases and steps are in the definition: another one may be adopted under a screen that looks at them.
 * The same list where all are.
 */
export function standingOverlays(run: Run, frames: readonly OverlayFrame[]): readonly OverlayFrame[] {
  const standing = frames.filter(({ overlay }) => isStanding(run, overlay));
  return standing.length === frames.length ? frames : standing;
}

function isStanding(run: Run, overlay: Overlay): boolean {
  const subject = overlay.kind === 'rollback' ? rollbackShown(run)?.plan : overlay;
  const phaseIds = new Set(run.runbook.phases.map((phase) => phase.id));
  return namedIn(subject).every(([kind, id]) => (kind === 'phase' ? phaseIds.has(id) : id in run.steps));
}

/** Every phase and step that something names, however deep. */
function namedIn(value: unknown): readonly (readonly ['phase' | 'step', string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const kind = /^(phase|step)Ids?$/.exec(key)?.[1];
    if (kind !== 'phase' && kind !== 'step') return namedIn(one);
    const ids: unknown[] = Array.isArray(one) ? one : [one];
    return ids.flatMap((id) => (typeof id === 'string' ? [[kind, id] as const] : []));
  });
}
