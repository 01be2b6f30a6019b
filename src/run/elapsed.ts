import { attemptsOfStep, isActive, phaseById } from './select.ts';
import type { Attempt, Run } from './state.ts';
import { runStatus } from './status.ts';

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
