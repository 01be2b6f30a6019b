import type { Phase, Step } from '../definition/runbook.ts';
import type { Remaining, RollbackItem, RollbackPlan, RollbackScope } from './event.ts';
import { stepLeftRunning } from './left-running.ts';
import { canUndo, mayHaveBegun, phaseById, phaseOfStep, stateOf } from './select.ts';
import type { Attempt, Rollback, Run, UndoState } from './state.ts';
import { unprovenAttempt } from './unproven-attempt.ts';

/**
 * What a rollback would do now. Phases last first; within one, its own plan, else the undos of the steps that started,
 * the last started first. Pure: the same run gives the same plan.
 */
export function planRollback(run: Run, scope: RollbackScope): RollbackPlan {
  if (scope.kind === 'step') return planStep(run, scope.stepId);
  const phases = scope.kind === 'run' ? [...run.runbook.phases].reverse() : [phaseById(run, scope.phaseId)];
  const parts = phases
    .map((phase) => planPhase(run, phase))
    .filter((part) => part.stepIds.length + part.remaining.length > 0);
  return {
    scope,
    phaseIds: parts.map((part) => part.phaseId),
    items: parts.flatMap((part) => part.items),
    remaining: parts.flatMap((part) => part.remaining),
    stepIds: parts.flatMap((part) => part.stepIds),
  };
}

/** Phases of a plan whose names have to be typed before it is carried out. */
export function dangerousPhases(run: Run, { scope, phaseIds }: RollbackPlan): readonly Phase[] {
  return scope.kind === 'step' ? [] : phaseIds.map((id) => phaseById(run, id)).filter((phase) => phase.danger);
}

type PhasePart = {
  readonly phaseId: string;
  readonly items: readonly RollbackItem[];
  readonly remaining: readonly Remaining[];
  readonly stepIds: readonly string[];
};

function planPhase(run: Run, phase: Phase): PhasePart {
  const started = startedSteps(run, phase);
  const items = itemsFor(run, phase, started);
  const remaining = started.flatMap((step) => {
    const stays = remainingOf(run, phase, step);
    return stays.length > 0 || step.readonly ? stays : stepLeftRunning(run, phase.rollback, items.length > 0, step);
  });
  const stays = new Set(remaining.map((one) => one.stepId));
  const satisfied =
    started.length === 0 ? [] : phase.steps.filter((step) => stateOf(run, step.id).status === 'satisfied');
  const stepIds = [...started.filter((step) => !stays.has(step.id)), ...satisfied].map((step) => step.id);
  return { phaseId: phase.id, items, remaining, stepIds };
}

function itemsFor(run: Run, phase: Phase, started: readonly Step[]): readonly RollbackItem[] {
  if (!phase.rollback) return started.filter((step) => !step.readonly).flatMap((step) => undoItem(run, phase, step));
  const reasons = reasonsForPlan(run, phase);
  return started.some((step) => reasons.includes(step)) ? phase.rollback.map((step) => planItem(phase, step)) : [];
}

/**
 * Steps for which a phase's own plan is done. None that is irreversible and stood already when a rollback did all of that
 * plan: it stays for ever, and what was undone is not undone twice.
 */
export function reasonsForPlan(run: Run, phase: Phase): readonly Step[] {
  return phase.steps.filter(({ id, readonly, irreversible }) => {
    if (readonly || irreversible === undefined) return !readonly;
    const last = lastStart(run, id)?.number ?? 0;
    return !run.rollbacks.some((one) => last <= one.attemptsBefore && didPlanOf(one, phase));
  });
}

function didPlanOf({ plan, items, ending }: Rollback, phase: Phase): boolean {
  const own = plan.items.filter(({ phaseId, work }) => phaseId === phase.id && work.kind === 'plan');
  return ending !== undefined && own.length > 0 && own.every(({ id }) => isTakenBack(items[id]));
}

function planStep(run: Run, stepId: string): RollbackPlan {
  const phase = phaseOfStep(run, stepId);
  const step = startedSteps(run, phase).filter((candidate) => candidate.id === stepId);
  const items = step.flatMap((one) => undoItem(run, phase, one));
  const remaining = step.flatMap((one) => {
    const stays = remainingOf(run, {}, one);
    return stays.length > 0 || one.readonly ? stays : stepLeftRunning(run, undefined, items.length > 0, one);
  });
  return {
    scope: { kind: 'step', stepId },
    phaseIds: [phase.id],
    items,
    remaining,
    stepIds: remaining.length > 0 ? [] : step.map((one) => one.id),
  };
}

/** Steps that may have left something to undo, the last started first. */
function startedSteps(run: Run, phase: Phase): readonly Step[] {
  return phase.steps
    .map((step) => ({ step, attempt: lastStart(run, step.id) }))
    .filter(
      (one): one is { step: Step; attempt: Attempt } => one.attempt !== undefined && mayHaveChanged(run, one.step.id),
    )
    .sort((a, b) => b.attempt.number - a.attempt.number)
    .map((one) => one.step);
}

/** Whether a step may have left something that nothing has taken back yet. */
export function mayStand(run: Run, stepId: string): boolean {
  return hasStarted(run, stepId) && mayHaveChanged(run, stepId);
}

/** Whether a step was started and nothing has taken that back yet; a start that was withdrawn is none, unless by hand. */
export function hasStarted(run: Run, stepId: string): boolean {
  return lastStart(run, stepId) !== undefined;
}

/** The last start of a step that nothing has taken back yet; looked for from the end, as a long run is asked often. */
export function lastStart(run: Run, stepId: string): Attempt | undefined {
  const last = run.attempts.findLast((attempt) => isStartOf(attempt, stepId));
  return last && last.number > attemptsBeforeUndone(run, stepId) ? last : undefined;
}

/** The attempts of a step that nothing has taken back yet. */
export function startsSinceUndone(run: Run, stepId: string): readonly Attempt[] {
  const before = attemptsBeforeUndone(run, stepId);
  return run.attempts.filter((attempt) => attempt.number > before && isStartOf(attempt, stepId));
}

function attemptsBeforeUndone(run: Run, stepId: string): number {
  return run.rollbacks.findLast((rollback) => wasUndoneBy(run, rollback, stepId))?.attemptsBefore ?? 0;
}

function isStartOf(attempt: Attempt, stepId: string): boolean {
  return attempt.purpose.kind === 'step' && attempt.purpose.stepId === stepId && mayHaveBegun(attempt);
}

function wasUndoneBy(run: Run, { plan, items, ending }: Rollback, stepId: string): boolean {
  const isLeft = ending?.leftRunning.includes(stepId) && unprovenAttempt(run, stepId) !== undefined;
  if (!isLeft && ending?.takenBack.includes(stepId)) return true;
  return plan.items.some(({ id, work }) => work.kind !== 'plan' && work.stepId === stepId && isTakenBack(items[id]));
}

function isTakenBack(state: UndoState | undefined): boolean {
  return state?.status === 'done' || state?.status === 'marked done';
}

function mayHaveChanged(run: Run, stepId: string): boolean {
  switch (stateOf(run, stepId).status) {
    case 'starting':
    case 'running':
    case 'verifying':
    case 'succeeded':
    case 'failed':
    case 'timed out':
    case 'stopped':
    case 'unknown':
    case 'undo failed':
      return true;
    case 'pending':
    case 'asking':
    case 'skipped':
    case 'satisfied':
      // An attempt before it may have left something although the step was skipped, or its start withdrawn, later.
      return lastStart(run, stepId) !== undefined;
    case 'undone':
      return false;
    default:
      return false;
  }
}

function planItem(phase: Phase, step: Step): RollbackItem {
  return { id: `${phase.id}/${step.id}`, phaseId: phase.id, title: step.title, work: { kind: 'plan', step } };
}

function undoItem(run: Run, phase: Phase, step: Step): readonly RollbackItem[] {
  const place = { id: `undo:${step.id}`, phaseId: phase.id, title: step.title };
  switch (canUndo(run, step.id)) {
    case 'undo': {
      const undo = step.undo;
      if (!undo) return [];
      const { script, requires, verify, timeoutMs } = undo;
      return [
        {
          ...place,
          work: {
            kind: 'undo',
            stepId: step.id,
            script,
            ...(requires === undefined ? {} : { requires: requires.script }),
            ...(verify === undefined ? {} : { verify }),
            ...(timeoutMs === undefined ? {} : { timeoutMs }),
          },
        },
      ];
    }
    case 'restore': {
      const [attempt, ...earlier] = editsToRestore(run, step.id);
      if (attempt === undefined) return [];
      const work = { kind: 'restore', stepId: step.id, attempt, ...(earlier.length > 0 ? { earlier } : {}) } as const;
      return [{ ...place, work }];
    }
    case 'irreversible':
    case 'none':
      return [];
    default:
      return [];
  }
}

/**
 * The attempts since a step was last undone, the last first. Which of them changed the file, their own records say: what an
 * attempt came to does not, as one that failed on a full disk may have done so after it had changed it.
 */
function editsToRestore(run: Run, stepId: string): readonly number[] {
  return startsSinceUndone(run, stepId)
    .map((one) => one.number)
    .toReversed();
}

function remainingOf(run: Run, phase: Pick<Phase, 'rollback'>, step: Step): readonly Remaining[] {
  const { id: stepId, title } = step;
  if (step.readonly) return [];
  if (step.irreversible !== undefined) return [{ stepId, title, why: step.irreversible, kind: 'irreversible' }];
  if (canUndo(run, stepId) !== 'none' || phase.rollback) return [];
  // A service is gone when it was stopped; a person undoes what a person did.
  if (step.action.kind === 'service') return [];
  const why =
    step.action.kind === 'manual' ? 'it was done by hand; undo it by hand' : 'the definition has no undo for it';
  return [{ stepId, title, why, kind: 'no undo' }];
}
