import { advance, startAttempt, stopAttempts } from './advance.ts';
import { coversStep } from './covers-step.ts';
import { decideIntent } from './decide-intent.ts';
import { type Decision, type Draft, done, draft, NOTHING, perform, say } from './decision.ts';
import type { Completion, Context, Intent, Question } from './intent.ts';
import { isOver, lostText } from './lost-text.ts';
import { missingForProof } from './missing-for-proof.ts';
import { missingVariables, stepOfAttempt } from './ordering.ts';
import { expandFor } from './plan.ts';
import { isOverdue, overdueRetries, retryOf } from './retry-of.ts';
import { activeRollback, attemptByNumber, isActive, isVerifying, stateOf, stepById } from './select.ts';
import type { Attempt, Run } from './state.ts';
import { whyNotAfterAll } from './why-not-after-all.ts';

const CONTRADICTED =
  'its files say that it never started, the journal that it did; whether its command runs is not known';

/**
 * Decides what follows from what the operator wants or from what an effect led to. Pure: events and effects are data;
 * the engine journals the first before it performs the second. A completion that comes late is ignored.
 */
export function decide(run: Run, input: Intent | Completion, context: Context): Decision {
  const decision = decideInput(run, input, context);
  switch (decision.kind) {
    case 'go':
      return decision;
    case 'refused':
      return { kind: 'refused', why: expandFor(run, decision.why) };
    case 'ask':
      return { kind: 'ask', questions: decision.questions.map((question) => expanded(run, question)) };
    default:
      return decision satisfies never;
  }
}

/** Questions name steps by their titles, and those may hold variables. */
function expanded(run: Run, question: Question): Question {
  if (question.kind === 'variable') return question;
  const details = question.details.map((detail) => expandFor(run, detail));
  return { ...question, text: expandFor(run, question.text), details };
}

function decideInput(run: Run, input: Intent | Completion, context: Context): Decision {
  switch (input.type) {
    case 'unless answered':
    case 'verify answered':
    case 'item answered':
    case 'attempt':
    case 'retry due':
      return decideCompletion(run, input, context);
    default:
      return decideIntent(run, input, context);
  }
}

function decideCompletion(run: Run, input: Completion, context: Context): Decision {
  const start = draft(run, context.now);
  const after = completed(start, input, context);
  if (after === start) return NOTHING;
  return done(run.closed ? after : advance(overdueRetries(after, run), context));
}

function completed(start: Draft, input: Completion, context: Context): Draft {
  const { run } = start;
  switch (input.type) {
    case 'unless answered': {
      const state = stateOf(run, input.stepId);
      if (state.status !== 'asking' || state.asked !== input.asked) return start;
      if (input.answer.held)
        return say(start, { type: 'StepSatisfied', stepId: input.stepId, found: input.answer.found });
      const answered = say(start, { type: 'UnlessAnswered', stepId: input.stepId, answer: input.answer });
      if (isBeingRolledBack(run, input.stepId) || whyNotAfterAll(run, input.stepId) !== undefined) return answered;
      return input.answer.lineLost ? notBegun(answered, input) : startAttempt(answered, stepById(run, input.stepId));
    }
    case 'verify answered': {
      const attempt = attemptByNumber(run, input.attempt);
      if (!isVerifying(run, attempt)) return start;
      const verified = say(start, { type: 'AttemptVerified', attempt: input.attempt, answer: input.answer });
      return afterFailure(verified, attempt, context);
    }
    case 'item answered': {
      const state = run.items[input.itemId];
      if (state?.status !== 'asking' || state.asked !== input.asked) return start;
      const { itemId, answer } = input;
      return answer.held
        ? say(start, { type: 'ItemTicked', itemId, how: 'command', found: answer.found })
        : say(start, { type: 'ItemNotMet', itemId, found: answer.found });
    }
    case 'attempt':
      return reported(start, input, context);
    case 'retry due': {
      const state = stateOf(run, input.stepId);
      const due = (state.status === 'failed' || state.status === 'timed out') && state.retry?.dueAt === input.dueAt;
      return due ? retryOf(start, input.stepId) : start;
    }
    default:
      return input satisfies never;
  }
}

function reported(start: Draft, input: Extract<Completion, { type: 'attempt' }>, context: Context): Draft {
  const { run } = start;
  const attempt = attemptByNumber(run, input.attempt);
  const number = input.attempt;
  const { report } = input;
  const lost = attempt.life.status === 'lost';
  if (!isActive(attempt) && !(lost && report.type === 'ended' && isUnknown(run, attempt))) return start;
  switch (report.type) {
    case 'started':
      // Also of one that was asked to stop by then.
      if (attempt.isBegun) return start;
      return say(start, { type: 'AttemptSpawned', attempt: number, spawnedAt: report.at });
    case 'ready': {
      // Only a service is ready while it runs.
      if (stepOfAttempt(run, attempt)?.action.kind !== 'service') return start;
      // A runner that is reached again tells it again.
      if ('readyAt' in attempt.life && attempt.life.readyAt !== undefined) return start;
      return askVerify(say(start, { type: 'AttemptReady', attempt: number, readyAt: report.at }), attempt, context);
    }
    case 'stopping': {
      const asked =
        attempt.life.status === 'stopping'
          ? start
          : say(start, {
              type: 'StopRequested',
              attempt: number,
              why: 'its deadline passed, or its runner was told to',
            });
      return say(asked, { type: 'StopEscalated', attempt: number, signal: report.signal });
    }
    case 'ended': {
      const ended = say(start, { type: 'AttemptEnded', attempt: number, result: report.result });
      const { purpose } = attempt;
      if (purpose.kind === 'step' && isOverdue(ended, purpose.stepId)) return retryOf(ended, purpose.stepId);
      return afterFailure(askVerify(ended, attempt, context), attempt, context);
    }
    case 'did not start':
      // Files that were taken away since can say so of what has started; it may be running.
      return attempt.isBegun
        ? say(start, { type: 'AttemptLost', attempt: number, why: CONTRADICTED, groupGone: false })
        : didNotStart(start, attempt, report.message);
    case 'trouble':
      return start;
    case 'lost':
      return say(start, {
        type: 'AttemptLost',
        attempt: number,
        why: lostText(report.evidence),
        groupGone: isOver(report.evidence),
      });
    default:
      return report satisfies never;
  }
}

/** No answer is not a no: what may be done already is not done again. */
function notBegun(after: Draft, { stepId, answer }: Extract<Completion, { type: 'unless answered' }>): Draft {
  if (!after.run.runOn) return after;
  const { title } = stepById(after.run, stepId);
  return say(after, { type: 'RunOnEnded', why: `the unless of “${title}” has no answer: ${answer.found}` });
}

function isUnknown(run: Run, attempt: Attempt): boolean {
  if (attempt.purpose.kind === 'step') {
    const state = stateOf(run, attempt.purpose.stepId);
    return state.status === 'unknown' && state.attempt === attempt.number;
  }
  const rollback = run.rollbacks[attempt.purpose.rollback - 1];
  const state = rollback?.items[attempt.purpose.itemId];
  return rollback?.ending === undefined && state?.status === 'unknown' && state.attempt === attempt.number;
}

/** Nothing was executed. Running on ends here: what kept it from starting would keep it again. */
function didNotStart(start: Draft, attempt: Attempt, message: string): Draft {
  const withdrawn = say(start, { type: 'AttemptWithdrawn', attempt: attempt.number, why: message });
  if (attempt.purpose.kind === 'undo') {
    const { rollback, itemId } = attempt.purpose;
    // A rollback that was interrupted goes on with it; one that is on would only meet the same again.
    if (activeRollback(start.run)?.paused) return withdrawn;
    return say(withdrawn, { type: 'UndoBlocked', rollback, itemId, found: `it did not start: ${message}` });
  }
  return withdrawn.run.runOn
    ? say(withdrawn, { type: 'RunOnEnded', why: `“${attempt.title}” did not start: ${message}` })
    : withdrawn;
}

/** Asks the `verify` of what has just ended well. Without a value that it wants its answer would mean nothing. */
function askVerify(after: Draft, attempt: Attempt, context: Context): Draft {
  const isWaiting = missingForProof(after.run, attempt, context).length > 0;
  return isVerifying(after.run, attempt) && !isWaiting
    ? perform(after, { type: 'ask verify', attempt: attempt.number })
    : after;
}

/** Schedules the retry that the definition grants a step that failed just now. */
function afterFailure(after: Draft, attempt: Attempt, context: Context): Draft {
  if (attempt.purpose.kind !== 'step') return after;
  const { stepId } = attempt.purpose;
  const step = stepById(after.run, stepId);
  const state = stateOf(after.run, stepId);
  if (after.run.closed || !step.retry || (state.status !== 'failed' && state.status !== 'timed out')) return after;
  if (wasRolledBackSince(after.run, attempt.number, stepId) || isHeldBack(after.run, attempt.number)) return after;
  // A key asks for what has no value.
  if (missingVariables(after.run, context).length > 0) return after;
  const number = (attempt.retry ?? 0) + 1;
  if (state.retry || number > step.retry.times) return after;
  const dueAt = after.now + step.retry.everyMs;
  const scheduled = say(after, { type: 'RetryScheduled', stepId, dueAt, number });
  const waking = perform(scheduled, { type: 'wake for retry', stepId, dueAt });
  // A service that is up and not as it should be goes before another takes its place.
  return isActive(attemptByNumber(waking.run, attempt.number))
    ? stopAttempts(waking, [attempt.number], 'it is tried again')
    : waking;
}

function isBeingRolledBack(run: Run, stepId: string): boolean {
  const rollback = activeRollback(run);
  return rollback !== undefined && (!rollback.paused || coversStep(run, rollback, stepId));
}

/** Whether a rollback of the step began after an attempt of it: however that ended, what follows wants a key. */
function wasRolledBackSince(run: Run, number: number, stepId: string): boolean {
  const since = run.rollbacks.some((one) => number <= one.attemptsBefore && coversStep(run, one, stepId));
  return since || isBeingRolledBack(run, stepId);
}

/** What the operator stopped, and what failed while nobody was there, is not tried again without a key. */
function isHeldBack(run: Run, number: number): boolean {
  const { life, stopWhy } = attemptByNumber(run, number);
  // A service that is being stopped, and of which the verify says no: what else.
  if (life.status === 'stopping') return stopWhy !== undefined;
  if (life.status !== 'ended') return false;
  const { ending, endedAt } = life.result;
  return (stopWhy !== undefined && ending.kind !== 'timed out') || endedAt < (run.opened?.at ?? 0);
}
