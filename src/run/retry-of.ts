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
  stepsOf,
  unknownStepId,
  waitsForRetry,
} from './select.ts';
import type { Run, StepState } from './state.ts';
import { whyNotAfterAll } from './why-not-after-all.ts';

type Failed = Extract<StepState, { readonly status: 'failed' | 'timed out' }>;

/** Begins the retries whose time has passed while a service was on its way, once something has become of that. */
export function overdueRetries(after: Draft, before: Run): Draft {
  const busy = foregroundStepId(before);
  if (busy === undefined || !isComingBack(before, busy)) return after;
  return stepsOf(after.run).reduce((now, { id }) => (isOverdue(now, id) ? retryOf(now, id) : now), after);
}

export function isOverdue({ run, now }: Draft, stepId: string): boolean {
  return waitsForRetry(run, stepId) && retryAt(run, stepId) <= now;
}

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

/** Schedules a retry that is due once more, for that time: it stays the same one. Without one its time just passes. */
function putOff(before: Draft, stepId: string, { retry }: Failed, dueAt: number): Draft {
  if (!retry || dueAt <= before.now) return before;
  const later = say(before, { type: 'RetryScheduled', stepId, dueAt, number: retry.number });
  return perform(later, { type: 'wake for retry', stepId, dueAt });
}
