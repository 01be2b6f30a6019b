import type { Step } from '../definition/runbook.ts';
import { isDone, stateOf, stepsOf } from './select.ts';
import type { Run } from './state.ts';

/** Steps before this one that are neither done nor going on in the background. */
export function stepsLeftBefore(run: Run, stepId: string): readonly Step[] {
  const steps = stepsOf(run);
  const index = steps.findIndex((step) => step.id === stepId);
  return steps.slice(0, index).filter((step) => {
    const state = stateOf(run, step.id);
    return !isDone(state) && !(step.action.kind === 'watch' && state.status === 'running');
  });
}
