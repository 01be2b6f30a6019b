import type { ChecklistItem, Phase, Step } from '../definition/runbook.ts';
import type { Attempt, Rollback, Run, StepState } from './state.ts';

/** All steps of the phases, in the order in which they are meant to be done. */
export function stepsOf(run: Run): readonly Step[] {
  return run.runbook.phases.flatMap((phase) => phase.steps);
}

export function stepIds(run: Run): readonly string[] {
  return stepsOf(run).map((step) => step.id);
}

/** @throws {RangeError} if the definition has no such step. */
export function stepById(run: Run, stepId: string): Step {
  for (const phase of run.runbook.phases) {
    const step = phase.steps.find((candidate) => candidate.id === stepId);
    if (step) return step;
  }
  throw new RangeError(`The definition has no step "${stepId}".`);
}

/** @throws {RangeError} if the definition has no such step. */
export function phaseOfStep(run: Run, stepId: string): Phase {
  const phase = run.runbook.phases.find((candidate) => candidate.steps.some((step) => step.id === stepId));
  if (!phase) throw new RangeError(`The definition has no step "${stepId}".`);
  return phase;
}

/** @throws {RangeError} if the definition has no such phase. */
export function phaseById(run: Run, phaseId: string): Phase {
  const phase = run.runbook.phases.find((candidate) => candidate.id === phaseId);
  if (!phase) throw new RangeError(`The definition has no phase "${phaseId}".`);
  return phase;
}

/** @throws {RangeError} if the definition has no such item. */
export function itemById(run: Run, itemId: string): { readonly item: ChecklistItem; readonly phase: Phase } {
  for (const phase of run.runbook.phases) {
    const item = phase.checklist.find((candidate) => candidate.id === itemId);
    if (item) return { item, phase };
  }
  throw new RangeError(`The definition has no checklist item "${itemId}".`);
}

/** The checklist item whose command is being asked. */
export function askedItem(run: Run): ChecklistItem | undefined {
  const asked = Object.entries(run.items).find(([, state]) => state.status === 'asking');
  return asked && itemById(run, asked[0]).item;
}

/** The state of a step; a step that came with an adopted definition is pending. */
export function stateOf(run: Run, stepId: string): StepState {
  return run.steps[stepId] ?? { status: 'pending' };
}

/** @throws {RangeError} if there is no such attempt. */
export function attemptByNumber(run: Run, number: number): Attempt {
  const attempt = run.attempts[number - 1];
  if (!attempt) throw new RangeError(`The run has no attempt ${number}.`);
  return attempt;
}

/** The step an attempt belongs to: its own, or the one that it undoes; undefined for a step of a phase's own plan. */
export function stepIdOfAttempt(run: Run, attempt: Attempt): string | undefined {
  if (attempt.purpose.kind === 'step') return attempt.purpose.stepId;
  const { rollback, itemId } = attempt.purpose;
  const item = run.rollbacks[rollback - 1]?.plan.items.find((candidate) => candidate.id === itemId);
  return item && item.work.kind !== 'plan' ? item.work.stepId : undefined;
}

/** Attempts of a step and of its undos, oldest first. */
export function attemptsOfStep(run: Run, stepId: string): readonly Attempt[] {
  return run.attempts.filter((attempt) => stepIdOfAttempt(run, attempt) === stepId);
}

export function latestAttempt(run: Run, stepId: string): Attempt | undefined {
  return attemptsOfStep(run, stepId).at(-1);
}

/** Whether something of the attempt may still be going on. */
export function isActive(attempt: Attempt): boolean {
  const { status } = attempt.life;
  return status === 'starting' || status === 'running' || status === 'stopping';
}

/** Whether something of the attempt may have been executed; its start was not withdrawn before it began. */
export function mayHaveBegun({ life, isBegun }: Attempt): boolean {
  return life.status !== 'withdrawn' || isBegun === true;
}

/** Whether nobody has proven that all processes are gone of an attempt that is not followed any more. */
export function mayStillRun({ life }: Attempt): boolean {
  if (life.status === 'ended') return !life.result.groupGone && life.groupGone !== true;
  return life.status === 'lost' && life.groupGone !== true;
}

/** By the list of attempts, which is another one after each change: a long run is asked often. */
const inDoubt = new WeakMap<Run['attempts'], readonly Attempt[]>();

/** The attempts that {@link mayStillRun}. */
export function attemptsInDoubt({ attempts }: Pick<Run, 'attempts'>): readonly Attempt[] {
  const known = inDoubt.get(attempts) ?? attempts.filter(mayStillRun);
  inDoubt.set(attempts, known);
  return known;
}

export function runningAttempts(run: Run): readonly Attempt[] {
  return run.active.map((number) => attemptByNumber(run, number));
}

/** A manual step's attempt has no process: it runs in a person. */
export function isManual(run: Run, attempt: Attempt): boolean {
  if (attempt.purpose.kind === 'step') return stepById(run, attempt.purpose.stepId).action.kind === 'manual';
  const { rollback, itemId } = attempt.purpose;
  const item = run.rollbacks[rollback - 1]?.plan.items.find((candidate) => candidate.id === itemId);
  return item?.work.kind === 'plan' && item.work.step.action.kind === 'manual';
}

/** Whether the attempt is a process that stays. */
export function isService(run: Run, attempt: Attempt): boolean {
  return attempt.purpose.kind === 'step' && stepById(run, attempt.purpose.stepId).action.kind === 'service';
}

/** Whether the attempt wants the whole terminal. */
export function isInteractive(run: Run, attempt: Attempt): boolean {
  return attempt.purpose.kind === 'step' && stepById(run, attempt.purpose.stepId).action.kind === 'interactive';
}

/** Whether the attempt's end waits for its `verify`. */
export function isVerifying(run: Run, attempt: Attempt): boolean {
  if (attempt.purpose.kind === 'step') {
    const state = stateOf(run, attempt.purpose.stepId);
    return state.status === 'verifying' && state.attempt === attempt.number;
  }
  const rollback = run.rollbacks[attempt.purpose.rollback - 1];
  const state = rollback?.items[attempt.purpose.itemId];
  return rollback?.ending === undefined && state?.status === 'verifying' && state.attempt === attempt.number;
}

/** The rollback that is neither finished nor given up. */
export function activeRollback(run: Run): Rollback | undefined {
  const last = run.rollbacks.at(-1);
  return last && !last.ending ? last : undefined;
}

export function isDone(state: StepState): boolean {
  return state.status === 'succeeded' || state.status === 'satisfied' || state.status === 'skipped';
}

/** Whether running on to a step has nothing left to do: it is done, and nothing before it was taken back since. */
export function isReached(run: Run, stepId: string): boolean {
  const steps = stepsOf(run);
  const before = steps.slice(
    0,
    steps.findIndex((step) => step.id === stepId),
  );
  return isDone(stateOf(run, stepId)) && before.every(({ id }) => stateOf(run, id).status !== 'undone');
}

/** A watch that is being watched, or a service that is up: later steps go on beside it. */
export function isInBackground(run: Run, step: Step): boolean {
  const state = stateOf(run, step.id);
  if (step.action.kind === 'watch') return state.status === 'running';
  if (step.action.kind !== 'service' || state.status !== 'succeeded') return false;
  const attempt = run.attempts[state.attempt - 1];
  return attempt !== undefined && isActive(attempt);
}

/** Whether an attempt of a step still goes on, whatever its state says: a service whose verify did not hold is up. */
export function isUp(run: Run, stepId: string): boolean {
  return runningAttempts(run).some(({ purpose }) => purpose.kind === 'step' && purpose.stepId === stepId);
}

/** The step that keeps others from beginning: being asked, started, run or verified; else one that waits for its retry. */
export function foregroundStepId(run: Run): string | undefined {
  return (busyStep(run) ?? stepsOf(run).find((step) => waitsForRetry(run, step.id)))?.id;
}

function busyStep(run: Run): Step | undefined {
  return stepsOf(run).find((step) => {
    switch (stateOf(run, step.id).status) {
      case 'asking':
      case 'starting':
      case 'verifying':
        return true;
      case 'running':
        return step.action.kind !== 'watch';
      default:
        return false;
    }
  });
}

/** Whether a step that failed is tried again by itself in a while. */
export function waitsForRetry(run: Run, stepId: string): boolean {
  const state = stateOf(run, stepId);
  return (state.status === 'failed' || state.status === 'timed out') && state.retry !== undefined;
}

/** A step whose outcome nobody knows: it holds all others. */
export function unknownStepId(run: Run): string | undefined {
  return stepsOf(run).find((step) => stateOf(run, step.id).status === 'unknown')?.id;
}

/** The step in the foreground, else the one that wants attention, else the next to do, else the last. */
export function currentStepId(run: Run): string | undefined {
  const steps = stepsOf(run);
  return (
    foregroundStepId(run) ??
    unknownStepId(run) ??
    steps.find((step) => needsAttention(stateOf(run, step.id)))?.id ??
    steps.find((step) => !isDone(stateOf(run, step.id)) && !isInBackground(run, step))?.id ??
    steps.at(-1)?.id
  );
}

/** Whether a step did not go as it should and somebody has to see to it. */
export function needsAttention(state: StepState): boolean {
  return ['failed', 'timed out', 'stopped', 'undo failed'].includes(state.status);
}

/** A confirmation that still counts: none since the phase was last rolled back. */
export function isConfirmed(run: Run, reason: string, phaseId: string, stepId?: string): boolean {
  return run.confirmations.some(
    (given) => given.reason === reason && given.phaseId === phaseId && given.stepId === stepId,
  );
}

/** Whether a step stands behind another in the order of the runbook. */
export function comesAfter(run: Run, stepId: string, otherId: string): boolean {
  const ids = stepsOf(run).map((step) => step.id);
  return ids.indexOf(stepId) > ids.indexOf(otherId);
}

/** Every step is done, its gate (if any) open; without a gate, what its checklist asks by itself has to hold. */
export function isPhaseOver(run: Run, phase: Phase): boolean {
  return isPhaseDone(run, phase) && (phase.gate === undefined || isConfirmed(run, 'gate', phase.id));
}

/** Every step is done, and what its checklist asks by itself holds, unless somebody who saw that opened its gate. */
export function isPhaseDone(run: Run, phase: Phase): boolean {
  return phase.steps.every((step) => isDone(stateOf(run, step.id))) && openQuestions(run, phase).length === 0;
}

/** Items of a phase that are asked by themselves and do not hold yet; none where its gate was opened all the same. */
export function openQuestions(run: Run, phase: Phase): Phase['checklist'] {
  if (phase.gate !== undefined && isConfirmed(run, 'gate', phase.id)) return [];
  return phase.checklist.filter((item) => item.run !== undefined && run.items[item.id]?.status !== 'ticked');
}

/** Whether a watch of a phase is going on. */
export function isWatching(run: Run, phase: Phase): boolean {
  return phase.steps.some((step) => step.action.kind === 'watch' && isInBackground(run, step));
}

/** What a rollback could do about a step. */
export function canUndo(run: Run, stepId: string): 'undo' | 'restore' | 'irreversible' | 'none' {
  const step = stepById(run, stepId);
  if (step.irreversible !== undefined) return 'irreversible';
  if (step.undo) return 'undo';
  return step.action.kind === 'edit' ? 'restore' : 'none';
}

/** The value of a variable as its commands see it; undefined: none, or a secret. */
export function valueOfVariable(run: Run, name: string): string | undefined {
  return run.values[name];
}
