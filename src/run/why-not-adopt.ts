import type { Runbook } from '../definition/runbook.ts';
import { expandFor } from './plan.ts';
import { mayStand } from './rollback.ts';
import { stepsOf } from './select.ts';
import type { Run } from './state.ts';

/**
 * Why a changed definition can't be adopted now: it lacks a step that may have changed something, and with the step its
 * way back would be lost. Undefined: it can.
 */
export function whyNotAdopt(run: Run, changed: Runbook): string | undefined {
  const kept = new Set(changed.phases.flatMap((phase) => phase.steps.map((step) => step.id)));
  const lost = stepsOf(run).filter((step) => !kept.has(step.id) && !step.readonly && mayStand(run, step.id));
  if (lost.length === 0) return undefined;
  const names = lost.map((step) => `“${expandFor(run, step.title)}” (${step.id})`).join(', ');
  return `Without ${names} its way back would be lost: keep the id in the file, or roll it back first: r.`;
}
