import { startAttempt } from './advance.ts';
import { type Draft, perform, say } from './decision.ts';
import { valuesGone } from './ordering.ts';
import {
  activeRollback,
  attemptByNumber,
  foregroundStepId,
  isActive,
  stateOf,
  stepById,
  unknownStepId,
  waitsForRetry,
} from './select.ts';
import type { Run, StepState } from './state.ts';
import { whyNotAfterAll } from './why-not-after-all.ts';

type Failed = Extract<StepState, { readonly status: 'failed' | 'timed out' }>;

/** How long a retry that is due waits at least before it looks again whether a service has come back. */
const COMES_BACK_MS = 1_000;

/** Begins a scheduled retry, once nothing of the attempt before it goes on. */
export function retryOf(before: Draft, stepId: string): Draft {
  const state = stateOf(before.run, stepId);
  if (state.status !== 'failed' && state.status !== 'timed out') return before;
  const busy = foregroundStepId(before.run);
  if (busy !== undefined && busy !== stepId && isComingBack(before.run, busy))
    return putOff(before, stepId, state, retryAt(before.run, busy));
  const [gone] = valuesGone(before.run, stepId);
  const taken = gone && `what ${gone} held when it began was taken back`;
  const why = taken ?? whyNotAfterAll(before.run, stepId);
  if (why !== undefined) return say(before, { type: 'RetryCancelled', stepId, why });
  if (isActive(attemptByNumber(before.run, state.attempt))) return before;
  // One at a time; and what goes on now may change what a later try would meet, so that one wants a key.
  if (busy !== undefined && !waitsForRetry(before.run, busy)) {
    const beside = `“${stepById(before.run, busy).title}” is under way`;
    return say(before, { type: 'RetryCancelled', stepId, why: beside });
  }
  return startAttempt(before, stepById(before.run, stepId), state.retry?.number);
}

/** A service that went down beside a step may be why that failed: what is granted is not lost while it comes back. */
function isComingBack(run: Run, stepId: string): boolean {
  if (stepById(run, stepId).action.kind !== 'service' || run.closed) return false;
  if (activeRollback(run) !== undefined || unknownStepId(run) !== undefined) return false;
  return waitsForRetry(run, stepId) || ['starting', 'running', 'verifying'].includes(stateOf(run, stepId).status);
}

/** When a step is tried again by itself; 0: it is not. */
function retryAt(run: Run, stepId: string): number {
  const state = stateOf(run, stepId);
  return 'retry' in state ? (state.retry?.dueAt ?? 0) : 0;
}

/** Schedules a retry that is due once more, not before that time: it stays the same one. */
function putOff(before: Draft, stepId: string, { retry: scheduled }: Failed, notBefore: number): Draft {
  const { retry } = stepById(before.run, stepId);
  if (!retry || !scheduled) return before;
  const dueAt = Math.max(before.now + Math.max(retry.everyMs, COMES_BACK_MS), notBefore);
  const later = say(before, { type: 'RetryScheduled', stepId, dueAt, number: scheduled.number });
  return perform(later, { type: 'wake for retry', stepId, dueAt });
}
