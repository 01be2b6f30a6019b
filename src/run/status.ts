import type { Phase, Step } from '../definition/runbook.ts';
import { undosLeftRunning } from './left-running.ts';
import { lastStart, mayStand } from './rollback.ts';
import {
  activeRollback,
  isDone,
  isPhaseOver,
  mayHaveBegun,
  needsAttention,
  phaseById,
  stateOf,
  stepsOf,
} from './select.ts';
import type { Rollback, Run, StepState } from './state.ts';

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
  if (last?.ending && !tookBackAll(run, last, phase) && !wentOn(run, phase.steps, last.ending))
    return 'partly rolled back';
  if (states.some((state) => ['asking', 'starting', 'verifying'].includes(state.status))) return 'running';
  const running = phase.steps.filter((step) => stateOf(run, step.id).status === 'running');
  if (running.some((step) => step.action.kind === 'manual')) return 'waiting';
  if (running.length > 0) return 'running';
  if (states.some(needsAttention)) return 'failed';
  if (states.every(isDone)) return isPhaseOver(run, phase) ? listStatus(run, phase) : 'waiting';
  return states.some(isDone) ? 'waiting' : 'pending';
}

/** Whether all of a phase was undone and proven, whatever became of the rest of that rollback. */
function tookBackAll(run: Run, { plan, items, ending }: Rollback, { id, steps }: Phase): boolean {
  if (ending?.kind === 'rolled back') return true;
  const own = plan.items.filter((item) => item.phaseId === id);
  const ids = new Set(steps.map((step) => step.id));
  // Without an undo nothing proves that they were; where all of it stays for good there is nothing to prove.
  const isUnproven = own.length === 0 && plan.stepIds.some((stepId) => ids.has(stepId));
  return (
    !isUnproven &&
    own.every((item) => ['done', 'not needed'].includes(items[item.id]?.status ?? '')) &&
    !plan.remaining.some((one) => one.kind === 'no undo' && ids.has(one.stepId)) &&
    !ending?.leftRunning.some((stepId) => ids.has(stepId)) &&
    undosLeftRunning(run, { items: own }).length === 0
  );
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

/** Whether a rollback is not what came last of these steps: one was started since, or all are done that were not then. */
function wentOn(
  run: Run,
  steps: readonly Step[],
  { attempts, done, verifying }: NonNullable<Rollback['ending']>,
): boolean {
  const ids = new Set(steps.map((step) => step.id));
  // By attempts: a clock may have been set back.
  const isStarted = run.attempts
    .slice(attempts)
    .some((one) => one.purpose.kind === 'step' && ids.has(one.purpose.stepId) && mayHaveBegun(one));
  const isNew = ({ id }: Step) => !done.includes(id) && !(verifying.includes(id) && isVerified(stateOf(run, id)));
  return isStarted || (steps.every(({ id }) => isDone(stateOf(run, id))) && steps.some(isNew));
}

function isVerified(state: StepState): boolean {
  return state.status === 'succeeded' && state.how === 'verified';
}

export function runStatus(run: Run): RunStatus {
  if (run.closed) return 'closed';
  if (activeRollback(run)) return 'rolling back';
  const phases = run.runbook.phases.map((phase) => phaseStatus(run, phase.id));
  if (phases.includes('unknown')) return 'unknown';
  const ended = endOfLastRollback(run, phases);
  if (ended) return ended;
  if (phases.includes('running')) return 'running';
  if (phases.includes('failed')) return 'failed';
  if (run.runbook.phases.every((phase, index) => phases[index] === 'done' || isListOver(run, phase)))
    return 'succeeded';
  return run.attempts.length === 0 && phases.every((status) => status === 'pending') ? 'not started' : 'waiting';
}

/**
 * What the last rollback left, as long as the run did not go on since. One that took back a phase or a step alone has
 * rolled back the run only if nothing else of it stands, and nothing of it was taken back in part before.
 */
function endOfLastRollback(run: Run, phases: readonly PhaseStatus[]): 'rolled back' | 'partly rolled back' | undefined {
  const last = run.rollbacks.at(-1);
  if (!last?.ending || wentOn(run, stepsOf(run), last.ending)) return undefined;
  if (last.ending.kind !== 'rolled back') return 'partly rolled back';
  if (last.plan.scope.kind === 'run') return 'rolled back';
  if (phases.includes('partly rolled back')) return 'partly rolled back';
  const whole = stepsOf(run).every(({ id }) => !mayStand(run, id) || staysForGood(run, id));
  return whole ? 'rolled back' : undefined;
}

/** Whether a rollback since the last start of a step said that there is no way back from it. */
function staysForGood(run: Run, stepId: string): boolean {
  const start = lastStart(run, stepId)?.number ?? 0;
  return run.rollbacks.some(
    ({ plan, attemptsBefore }) =>
      start <= attemptsBefore && plan.remaining.some((one) => one.stepId === stepId && one.kind === 'irreversible'),
  );
}
