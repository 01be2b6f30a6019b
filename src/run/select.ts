import type { ChecklistItem, Phase, Step } from '../definition/runbook.ts';
import type { Attempt, Rollback, Run, StepState } from './state.ts';

export type Progress = { readonly done: number; readonly total: number };

export type PhaseStatus =
  | 'pending'
  | 'running'
  | 'waiting'
  | 'done'
  | 'failed'
  | 'unknown'
  | 'rolling back'
  | 'partly rolled back';

export type RunStatus =
  | 'not started'
  | 'running'
  | 'waiting'
  | 'failed'
  | 'unknown'
  | 'rolling back'
  | 'rolled back'
  | 'partly rolled back'
  | 'succeeded'
  | 'closed';

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

/** Whether nobody has proven that all processes are gone of an attempt that is not followed any more. */
export function mayStillRun({ life }: Attempt): boolean {
  if (life.status === 'ended') return !life.result.groupGone && life.groupGone !== true;
  return life.status === 'lost' && life.groupGone !== true;
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

/** The step that keeps others from beginning: being asked, started, run, verified, or waiting for its retry. */
export function foregroundStepId(run: Run): string | undefined {
  return stepsOf(run).find((step) => {
    const state = stateOf(run, step.id);
    switch (state.status) {
      case 'asking':
      case 'starting':
      case 'verifying':
        return true;
      case 'running':
        return step.action.kind !== 'watch';
      case 'failed':
      case 'timed out':
        return state.retry !== undefined;
      default:
        return false;
    }
  })?.id;
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

function needsAttention(state: StepState): boolean {
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

export function phaseProgress(run: Run, phaseId: string): Progress {
  const phase = phaseById(run, phaseId);
  const steps = phase.steps.filter((step) => isDone(stateOf(run, step.id))).length;
  const items = phase.checklist.filter((item) => run.items[item.id]?.status === 'ticked').length;
  return { done: steps + items, total: phase.steps.length + phase.checklist.length };
}

export function progressOf(run: Run): Progress {
  return run.runbook.phases
    .map((phase) => phaseProgress(run, phase.id))
    .reduce((sum, part) => ({ done: sum.done + part.done, total: sum.total + part.total }), { done: 0, total: 0 });
}

export function phaseStatus(run: Run, phaseId: string): PhaseStatus {
  const phase = phaseById(run, phaseId);
  const rollback = activeRollback(run);
  if (rollback?.plan.phaseIds.includes(phaseId)) return 'rolling back';
  const last = run.rollbacks.findLast((candidate) => candidate.plan.phaseIds.includes(phaseId));
  const states = phase.steps.map((step) => stateOf(run, step.id));
  if (states.some((state) => state.status === 'unknown')) return 'unknown';
  if (last?.ending && last.ending.kind !== 'rolled back' && !startedSince(run, phase, last.ending.attempts)) {
    return 'partly rolled back';
  }
  if (states.some((state) => ['asking', 'starting', 'verifying'].includes(state.status))) return 'running';
  const running = phase.steps.filter((step) => stateOf(run, step.id).status === 'running');
  if (running.some((step) => step.action.kind === 'manual')) return 'waiting';
  if (running.length > 0) return 'running';
  if (states.some(needsAttention)) return 'failed';
  if (states.every(isDone)) return isPhaseOver(run, phase) ? listStatus(run, phase) : 'waiting';
  return states.some(isDone) ? 'waiting' : 'pending';
}

/** Where there are steps, they are what succeeds. */
function isListOver(run: Run, phase: Phase): boolean {
  return phase.steps.length === 0 && isPhaseOver(run, phase) && stepsOf(run).length > 0;
}

/** A phase that is nothing but a checklist is as far as that; it holds nothing up. */
function listStatus(run: Run, phase: Phase): PhaseStatus {
  const { done, total } = phaseProgress(run, phase.id);
  if (phase.steps.length > 0 || phase.gate !== undefined || done === total) return 'done';
  return done === 0 ? 'pending' : 'waiting';
}

/** Whether a step of a phase was started after so many attempts; a clock may have been set back. */
function startedSince(run: Run, phase: Phase, attempts: number): boolean {
  return run.attempts.some(
    (attempt) =>
      attempt.number > attempts &&
      attempt.purpose.kind === 'step' &&
      phase.steps.some((step) => attempt.purpose.kind === 'step' && step.id === attempt.purpose.stepId),
  );
}

export function runStatus(run: Run): RunStatus {
  if (run.closed) return 'closed';
  if (activeRollback(run)) return 'rolling back';
  const phases = run.runbook.phases.map((phase) => phaseStatus(run, phase.id));
  if (phases.includes('unknown')) return 'unknown';
  const ended = endOfLastRollback(run);
  if (ended) return ended;
  if (phases.includes('running')) return 'running';
  if (phases.includes('failed')) return 'failed';
  if (run.runbook.phases.every((phase, index) => phases[index] === 'done' || isListOver(run, phase)))
    return 'succeeded';
  return run.attempts.length === 0 && phases.every((status) => status === 'pending') ? 'not started' : 'waiting';
}

/**
 * What the last rollback left, as long as no step was started since. One that took back a phase or a step alone has
 * rolled back the run only if nothing else of it stands.
 */
function endOfLastRollback(run: Run): 'rolled back' | 'partly rolled back' | undefined {
  const last = run.rollbacks.at(-1);
  if (!last?.ending) return undefined;
  const { attempts, kind } = last.ending;
  if (run.attempts.some(({ number, purpose }) => purpose.kind === 'step' && number > attempts)) return undefined;
  if (kind !== 'rolled back') return 'partly rolled back';
  const stays = new Set(last.plan.remaining.map((one) => one.stepId));
  const whole = stepsOf(run).every((step) => stays.has(step.id) || !mayStand(run, step.id));
  return whole || last.plan.scope.kind === 'run' ? 'rolled back' : undefined;
}

/** A step that was skipped, or did not start again, may have been tried before that. */
function mayStand(run: Run, stepId: string): boolean {
  const { status } = stateOf(run, stepId);
  if (status === 'undone') return false;
  if (status !== 'pending' && status !== 'skipped') return true;
  return run.attempts.some(
    ({ purpose, life }) => purpose.kind === 'step' && purpose.stepId === stepId && life.status !== 'withdrawn',
  );
}

/** What a rollback could do about a step. */
export function canUndo(run: Run, stepId: string): 'undo' | 'restore' | 'irreversible' | 'none' {
  const step = stepById(run, stepId);
  if (step.irreversible !== undefined) return 'irreversible';
  if (step.undo) return 'undo';
  return step.action.kind === 'edit' ? 'restore' : 'none';
}

/** From the first attempt on; 0 where there was none. An ended run stands still. */
export function elapsedMs(run: Run, now: number): number {
  return spanMs(run.attempts, runStatus(run) === 'succeeded' || run.closed ? run.lastAt : now);
}

/** When the phase's first attempt began; undefined: none did. */
export function phaseBeganAt(run: Run, phaseId: string): number | undefined {
  const attempts = phaseById(run, phaseId).steps.flatMap((step) => attemptsOfStep(run, step.id));
  return attempts.length === 0 ? undefined : Math.min(...attempts.map((attempt) => attempt.startedAt));
}

/** From the phase's first attempt to its last end, or to now while something of it goes on. */
export function phaseElapsedMs(run: Run, phaseId: string, now: number): number {
  const phase = phaseById(run, phaseId);
  const attempts = phase.steps.flatMap((step) => attemptsOfStep(run, step.id));
  const ended = attempts.map((attempt) => endedAt(attempt) ?? attempt.startedAt);
  return spanMs(attempts, attempts.some(isActive) ? now : Math.max(0, ...ended));
}

/** The duration of the step's last attempt; 0 where there was none. */
export function stepElapsedMs(run: Run, stepId: string, now: number): number {
  const attempt = run.attempts.findLast(
    (candidate) => candidate.purpose.kind === 'step' && candidate.purpose.stepId === stepId,
  );
  return attempt ? Math.max(0, (endedAt(attempt) ?? now) - attempt.startedAt) : 0;
}

function spanMs(attempts: readonly Attempt[], until: number): number {
  const first = attempts[0];
  return first ? Math.max(0, until - first.startedAt) : 0;
}

/** When nothing of the attempt went on any more; undefined while it may. A service counts to its readiness. */
export function endedAt(attempt: Attempt): number | undefined {
  const { life } = attempt;
  switch (life.status) {
    case 'starting':
      return undefined;
    case 'running':
    case 'stopping':
      return life.readyAt;
    case 'ended':
      return life.result.endedAt;
    case 'done by hand':
    case 'withdrawn':
    case 'lost':
      return life.at;
    default:
      return life satisfies never;
  }
}

/** The value of a variable as its commands see it; undefined: none, or a secret. */
export function valueOfVariable(run: Run, name: string): string | undefined {
  return run.values[name];
}
