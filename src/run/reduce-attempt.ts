import { gateClosed, without, withStep } from './changed-run.ts';
import { coversStep } from './covers-step.ts';
import type { AttemptEvent, EventOf, Purpose } from './event.ts';
import { verdictOf, verifyReason, whyUnverified } from './reasons.ts';
import { reduceUndo } from './reduce-rollback.ts';
import { attemptByNumber, isActive, stepById } from './select.ts';
import type { Attempt, AttemptLife, Reason, Run, StepState } from './state.ts';

/** Folds what happened to an attempt: into the attempt, and into its step or its undo. */
export function reduceAttempt(run: Run, event: AttemptEvent): Run {
  const after = withLife(run, event);
  const attempt = attemptByNumber(after, event.attempt);
  return attempt.purpose.kind === 'step'
    ? withStepOfAttempt({ before: run, after, event, attempt, stepId: attempt.purpose.stepId })
    : reduceUndo(after, event, attempt);
}

function withLife(run: Run, event: AttemptEvent): Run {
  if (event.type === 'AttemptStarted') {
    const { attempt: number, purpose, title, at, by } = event;
    const retry = event.retry === undefined ? {} : { retry: event.retry };
    const { values } = run;
    const attempt: Attempt = {
      number,
      purpose,
      title,
      startedAt: at,
      by,
      values,
      ...beforeOf(run, purpose),
      life: { status: 'starting' },
      ...retry,
    };
    if (run.attempts.length !== number - 1)
      throw new RangeError(`Attempt ${number} does not follow attempt ${run.attempts.length}.`);
    return {
      ...without(run, 'runOnEnded'),
      attempts: [...run.attempts, attempt],
      active: activeWith(run, attempt),
    };
  }
  const attempt = attemptByNumber(run, event.attempt);
  const stopWhy = attempt.stopWhy ?? (event.type === 'StopRequested' ? event.why : undefined);
  const next: Attempt = {
    ...attempt,
    life: nextLife(attempt.life, event),
    ...(event.type === 'AttemptSpawned' ? { isBegun: true } : {}),
    ...(stopWhy === undefined ? {} : { stopWhy }),
  };
  const attempts = [...run.attempts];
  attempts[event.attempt - 1] = next;
  const captured = event.type === 'AttemptEnded' ? event.result.captured : undefined;
  const name =
    captured === undefined || next.purpose.kind !== 'step' || !(next.purpose.stepId in run.steps)
      ? undefined
      : stepById(run, next.purpose.stepId).capture;
  return {
    ...run,
    attempts,
    active: activeWith(run, next),
    ...(name && captured !== undefined ? { values: { ...run.values, [name]: captured } } : {}),
  };
}

function beforeOf({ steps }: Run, purpose: Purpose): Pick<Attempt, 'before'> {
  const state = purpose.kind === 'step' ? steps[purpose.stepId] : undefined;
  if (state === undefined || state.status === 'pending' || state.status === 'asking') return {};
  // A retry that was due is this one.
  return { before: 'retry' in state ? without(state, 'retry') : state };
}

function activeWith({ active }: Run, attempt: Attempt): readonly number[] {
  if (active.includes(attempt.number) === isActive(attempt)) return active;
  const others = active.filter((number) => number !== attempt.number);
  return isActive(attempt) ? [...others, attempt.number].toSorted((one, other) => one - other) : others;
}

function nextLife(life: AttemptLife, event: Exclude<AttemptEvent, EventOf<'AttemptStarted'>>): AttemptLife {
  switch (event.type) {
    case 'AttemptSpawned':
      return life.status === 'stopping' ? life : { status: 'running', since: event.spawnedAt };
    case 'AttemptReady':
      return life.status === 'running' || life.status === 'stopping' ? { ...life, readyAt: event.readyAt } : life;
    case 'StopRequested': {
      if (life.status === 'stopping') return life;
      const ready = life.status === 'running' && life.readyAt !== undefined ? { readyAt: life.readyAt } : {};
      const since = life.status === 'running' ? life.since : event.at;
      return { status: 'stopping', since, ...ready, requestedAt: event.at, why: event.why };
    }
    case 'StopEscalated':
      return life.status === 'stopping' ? { ...life, signal: event.signal } : life;
    case 'AttemptEnded':
      return {
        status: 'ended',
        result: event.result,
        at: event.at,
        // What was looked at after its runner was gone is the later word.
        ...(life.status === 'lost' && life.groupGone ? { groupGone: true } : {}),
      };
    case 'AttemptWithdrawn':
      return { status: 'withdrawn', why: event.why, at: event.at };
    case 'AttemptLost':
      return {
        status: 'lost',
        why: event.why,
        at: event.at,
        ...(event.groupGone === undefined ? {} : { groupGone: event.groupGone }),
      };
    case 'AttemptProvenGone':
      return life.status === 'lost' || life.status === 'ended' ? { ...life, groupGone: true } : life;
    case 'ManualDone':
      return { status: 'done by hand', at: event.at, note: event.note };
    case 'AttemptVerified':
      return life.status === 'ended' || life.status === 'done by hand' || life.status === 'running'
        ? { ...life, ...(life.status === 'running' ? {} : { verified: event.answer }) }
        : life;
    default:
      return event satisfies never;
  }
}

type OfAttempt = {
  readonly before: Run;
  readonly after: Run;
  readonly event: AttemptEvent;
  readonly attempt: Attempt;
  readonly stepId: string;
};

function withStepOfAttempt({ before, after, event, attempt, stepId }: OfAttempt): Run {
  // What is proven of an attempt may come after its step was taken out of the definition; the step has no state then.
  if (event.type !== 'AttemptStarted' && !(stepId in after.steps)) return after;
  const step = stepById(after, stepId);
  const state = after.steps[stepId];
  const number = attempt.number;
  // A late event of an earlier attempt does not touch what a newer one says.
  if (event.type !== 'AttemptStarted' && state && 'attempt' in state && state.attempt !== number) return after;
  const set = (next: StepState) => withStep(after, stepId, next);
  const held = (): StepState =>
    step.verify === undefined
      ? { status: 'succeeded', attempt: number, at: event.at, how: 'verified' }
      : { status: 'verifying', attempt: number };
  switch (event.type) {
    case 'AttemptStarted':
      return withStep(gateClosed(after, stepId), stepId, { status: 'starting', attempt: number });
    case 'AttemptSpawned':
      return set({ status: 'running', attempt: number });
    case 'AttemptReady':
      return state?.status === 'running' || state?.status === 'starting' ? set(held()) : after;
    case 'StopRequested':
    case 'StopEscalated':
    case 'AttemptProvenGone':
      return after;
    case 'AttemptEnded':
      return stepEnded({ before, after, event, attempt, stepId }, event, held);
    case 'AttemptWithdrawn':
      return set((attempt.isBegun ? undefined : attempt.before) ?? { status: 'pending' });
    case 'AttemptLost':
      return set({ status: 'unknown', attempt: number, at: event.at, why: event.why });
    case 'ManualDone':
      return set(held());
    case 'AttemptVerified': {
      if (state?.status !== 'verifying') return after;
      const why = whyUnverified(event.answer, attempt);
      if (why !== undefined) return set({ status: 'unknown', attempt: number, at: event.at, why });
      return set(
        event.answer.held
          ? { status: 'succeeded', attempt: number, at: event.at, how: 'verified' }
          : {
              status: 'failed',
              attempt: number,
              at: event.at,
              reasons: [verifyReason(event.answer)],
            },
      );
    }
    default:
      return event satisfies never;
  }
}

function stepEnded(
  { before, after, attempt, stepId }: OfAttempt,
  event: EventOf<'AttemptEnded'>,
  held: () => StepState,
): Run {
  const verdict = verdictOf(event.result);
  const number = attempt.number;
  const wasReady = readyAtOf(before, number) !== undefined;
  const isService = stepById(after, stepId).action.kind === 'service';
  if (verdict.kind === 'unknown') {
    return withStep(after, stepId, { status: 'unknown', attempt: number, at: event.at, why: verdict.why });
  }
  if (isService && wasReady) {
    // Stopped after it was ready is how a service ends; what its step said stays true.
    if (attempt.stopWhy !== undefined) {
      // Whatever becomes of the rollback, what it stopped is not up any more.
      if (wasStoppedByRollback(before, number, stepId)) {
        const reasons: Reason[] = [{ kind: 'stopped', signal: signalOf(event) }];
        return withStep(after, stepId, { status: 'stopped', attempt: number, at: event.at, reasons });
      }
      return after.steps[stepId]?.status === 'running' ? withStep(after, stepId, held()) : after;
    }
    const reasons: Reason[] = [{ kind: 'ended early', found: endingWords(event) }];
    return withStep(after, stepId, { status: 'failed', attempt: number, at: event.at, reasons });
  }
  if (verdict.kind === 'held') return withStep(after, stepId, held());
  return withStep(after, stepId, { status: verdict.kind, attempt: number, at: event.at, reasons: verdict.reasons });
}

/** By whichever: another may have begun since, before what the first one stopped had ended. */
function wasStoppedByRollback(run: Run, number: number, stepId: string): boolean {
  const life = run.attempts[number - 1]?.life;
  if (life?.status !== 'stopping') return false;
  return run.rollbacks.some(
    (one) => number <= one.attemptsBefore && life.requestedAt >= one.startedAt && coversStep(run, one, stepId),
  );
}

function signalOf({ result }: EventOf<'AttemptEnded'>): string {
  return result.ending.kind === 'stopped' || result.ending.kind === 'killed' ? result.ending.signal : 'SIGINT';
}

function endingWords(event: EventOf<'AttemptEnded'>): string {
  const { ending } = event.result;
  if (ending.kind === 'exited') return `exit status ${ending.status}`;
  if (ending.kind === 'killed') return `killed by ${ending.signal}`;
  return ending.kind === 'not met' || ending.kind === 'done' ? ending.found : ending.kind;
}

function readyAtOf(run: Run, number: number): number | undefined {
  const life = run.attempts[number - 1]?.life;
  return life?.status === 'running' || life?.status === 'stopping' ? life.readyAt : undefined;
}
