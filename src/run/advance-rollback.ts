import { coversStep } from './covers-step.ts';
import { type Draft, perform, say } from './decision.ts';
import type { RollbackItem } from './event.ts';
import { leftRunning, undosLeftRunning } from './left-running.ts';
import { expandFor } from './plan.ts';
import { hasStarted, reasonsForPlan } from './rollback.ts';
import { activeRollback, isManual, phaseById, runningAttempts, stepById } from './select.ts';
import type { Attempt, Rollback, Run, UndoState } from './state.ts';
import { unprovenAttempt, unprovenBeside } from './unproven-attempt.ts';

/** Goes on with the active rollback: waits for what it stopped, then the next undo, then its end. */
export function advanceRollback(before: Draft): Draft {
  const { run } = before;
  const rollback = activeRollback(run);
  if (!rollback || rollback.paused || stillStopping(run, rollback).length > 0) return before;
  const next = rollback.plan.items.find((item) => !isSettled(rollback.items[item.id]));
  if (!next) return finish(before, rollback);
  const state = rollback.items[next.id];
  if (state?.status !== 'waiting') return before;
  const why = whyNotNeeded(run, next);
  if (why !== undefined) {
    const event = { type: 'UndoNotNeeded', rollback: rollback.number, itemId: next.id, why } as const;
    return advanceRollback(say(before, event));
  }
  const [alive] = doubtsBefore(run, rollback, next);
  if (alive) {
    const found = `the processes of “${alive.title}” could not be proven gone; look at them before this undo is run`;
    return say(before, { type: 'UndoBlocked', rollback: rollback.number, itemId: next.id, found });
  }
  return startUndo(before, rollback, next);
}

/**
 * Why there is nothing to take back any more: what was starting when the rollback began did not start after all. What a
 * person does may be half done when it is taken off their hands.
 */
function whyNotNeeded(run: Run, { work, phaseId }: RollbackItem): string | undefined {
  const phase = phaseById(run, phaseId);
  const steps = work.kind === 'plan' ? reasonsForPlan(run, phase) : [stepById(run, work.stepId)];
  if (steps.some((step) => step.action.kind === 'manual' || hasStarted(run, step.id))) return undefined;
  // A start that was withdrawn may have been the only reason for the plan of a phase.
  const named = steps.length > 0 ? steps : phase.steps.filter((step) => !step.readonly && wasWithdrawn(run, step.id));
  return `${named.map((step) => `“${step.title}”`).join(', ')} did not start`;
}

function wasWithdrawn({ attempts }: Run, stepId: string): boolean {
  const last = attempts.findLast(({ purpose }) => purpose.kind === 'step' && purpose.stepId === stepId);
  return last?.life.status === 'withdrawn';
}

/** Starts an undo. One that a person does has no process. */
export function startUndo(before: Draft, rollback: Rollback, item: RollbackItem): Draft {
  const attempt = before.run.attempts.length + 1;
  const started = say(before, {
    type: 'AttemptStarted',
    attempt,
    purpose: { kind: 'undo', rollback: rollback.number, itemId: item.id },
    title: expandFor(before.run, item.work.kind === 'plan' ? item.title : `Undo: ${item.title}`),
  });
  const attempts = started.run.attempts[attempt - 1];
  return attempts && isManual(started.run, attempts)
    ? say(started, { type: 'AttemptSpawned', attempt, spawnedAt: before.now })
    : perform(started, { type: 'start attempt', attempt });
}

/** Attempts of the rollback's steps that have not ended yet. */
export function stillStopping(run: Run, rollback: Pick<Rollback, 'plan'>): readonly Attempt[] {
  return runningAttempts(run).filter(
    ({ purpose }) => purpose.kind === 'step' && coversStep(run, rollback, purpose.stepId),
  );
}

/** Whether an undo is being executed or proven; also while the rollback is paused, after the screen was gone. */
export function isUndoing(rollback: Rollback): boolean {
  return Object.values(rollback.items).some((state) => state.status === 'running' || state.status === 'verifying');
}

export function isSettled(state: UndoState | undefined): boolean {
  return ['done', 'not needed', 'marked done', 'skipped'].includes(state?.status ?? '');
}

/**
 * What may still be there before an undo, however long ago it ended: what undoes the same, and the last one of a step.
 * The operator is asked about a step once: before its undo, or, where it has none of its own, before the first of its phase.
 */
export function doubtsBefore(run: Run, rollback: Rollback, item: RollbackItem): readonly Attempt[] {
  const { items } = rollback.plan;
  const own = new Set(items.flatMap(({ work }) => (work.kind === 'plan' ? [] : [work.stepId])));
  const begun = items.filter((one) => rollback.items[one.id]?.status !== 'not needed');
  const isFirst = begun.find((one) => one.phaseId === item.phaseId)?.id === item.id;
  const undone = unprovenAttempts(run, rollback).filter(({ stepId, phaseId }) =>
    own.has(stepId) ? item.work.kind !== 'plan' && item.work.stepId === stepId : isFirst && phaseId === item.phaseId,
  );
  return [...undone.map(({ attempt }) => attempt), ...unprovenBeside(run, item)];
}

type Unproven = { readonly attempt: Attempt; readonly stepId: string; readonly phaseId: string };

/** Last attempts of the rollback's steps that were not proven gone and whose step was not taken back since. */
function unprovenAttempts(run: Run, rollback: Rollback): readonly Unproven[] {
  return run.runbook.phases.flatMap((phase) =>
    phase.steps
      .filter((step) => coversStep(run, rollback, step.id))
      .flatMap((step) => {
        const attempt = unprovenAttempt(run, step.id);
        return attempt ? [{ attempt, stepId: step.id, phaseId: phase.id }] : [];
      }),
  );
}

function finish(before: Draft, rollback: Rollback): Draft {
  const whole =
    Object.values(rollback.items).every(({ status }) => status === 'done' || status === 'not needed') &&
    !rollback.plan.remaining.some((one) => one.kind === 'no undo') &&
    leftRunning(before.run, rollback.plan).length + undosLeftRunning(before.run, rollback.plan).length === 0;
  return say(before, {
    type: 'RollbackFinished',
    rollback: rollback.number,
    outcome: whole ? 'rolled back' : 'partly rolled back',
  });
}
