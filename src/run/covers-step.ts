import type { Rollback, Run } from './state.ts';

/** Whether a step is one of those that a rollback is about: it is held, and stopped where it runs. */
export function coversStep(run: Run, rollback: Pick<Rollback, 'plan'>, stepId: string): boolean {
  const { scope } = rollback.plan;
  if (scope.kind === 'run') return true;
  if (scope.kind === 'step') return scope.stepId === stepId;
  return run.runbook.phases.some(
    (phase) => rollback.plan.phaseIds.includes(phase.id) && phase.steps.some((step) => step.id === stepId),
  );
}
