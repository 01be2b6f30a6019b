import type { Phase, Step } from '../definition/runbook.ts';
import type { Remaining, RollbackPlan } from './event.ts';
import type { Rollback, Run } from './state.ts';
import { unprovenAttempt, unprovenUndos } from './unproven-attempt.ts';

/**
 * What of the steps that a rollback covers may still run and is taken back by none of its undos: a service that nothing
 * but its stop takes back, and anything in a phase without an undo, before which it would be asked about.
 */
export function leftRunning(run: Run, plan: Pick<RollbackPlan, 'scope' | 'phaseIds' | 'items'>): readonly Remaining[] {
  const { scope } = plan;
  return run.runbook.phases
    .filter(({ id }) => plan.phaseIds.includes(id))
    .flatMap((phase) => {
      const own = scope.kind === 'step' ? undefined : phase.rollback;
      const hasUndos = plan.items.some((item) => item.phaseId === phase.id);
      return phase.steps
        .filter(({ id }) => scope.kind !== 'step' || scope.stepId === id)
        .flatMap((step) => stepLeftRunning(run, own, hasUndos, step));
    });
}

/** @param plan the phase's own; absent: none, or only the step is rolled back. */
export function stepLeftRunning(
  run: Run,
  plan: Phase['rollback'],
  hasUndos: boolean,
  step: Step,
): readonly Remaining[] {
  const isBareService = step.action.kind === 'service' && step.undo === undefined && plan === undefined;
  if ((hasUndos && !isBareService) || unprovenAttempt(run, step.id) === undefined) return [];
  const why = 'its processes could not be proven gone; look at them, and stop them';
  return [{ stepId: step.id, title: step.title, why, kind: 'no undo' }];
}

/** Undos of a plan that were run once more beside one that may still run: what they came to may not stay so. */
export function undosLeftRunning(run: Run, { items }: Pick<RollbackPlan, 'items'>): readonly Remaining[] {
  return items.flatMap(({ id, work }) =>
    unprovenUndos(run, id).map(({ number, title }) => ({
      stepId: work.kind === 'plan' ? work.step.id : work.stepId,
      title,
      why: `attempt ${number} of it may still be running; look at it, and end it`,
      kind: 'no undo' as const,
    })),
  );
}

/** All that a rollback leaves as it is: what its plan says stays, and what turned out to be left running. */
export function staysAfter(run: Run, { plan }: Pick<Rollback, 'plan'>): readonly Remaining[] {
  const left = leftRunning(run, plan).filter((one) => plan.remaining.every(({ stepId }) => stepId !== one.stepId));
  return [...plan.remaining, ...left, ...undosLeftRunning(run, plan)];
}
