import type { Phase } from '../definition/runbook.ts';
import { coversStep } from './covers-step.ts';
import type { AttemptEvent, EventOf } from './event.ts';
import { leftRunning } from './left-running.ts';
import { verdictOf, verifyReason, whyUnverified } from './reasons.ts';
import { isDone } from './select.ts';
import type { Attempt, ItemState, Reason, Rollback, Run, StepState, UndoState } from './state.ts';

export function rollbackStarted(run: Run, event: EventOf<'RollbackStarted'>): Run {
  const rollback: Rollback = {
    number: event.rollback,
    plan: event.plan,
    startedAt: event.at,
    by: event.by,
    accepted: event.accepted,
    attemptsBefore: run.attempts.length,
    items: Object.fromEntries(event.plan.items.map((item): [string, UndoState] => [item.id, { status: 'waiting' }])),
    paused: false,
  };
  // What was only being asked about has not begun, and its answer begins nothing any more.
  const asked = Object.keys(run.steps).filter(
    (id) => run.steps[id]?.status === 'asking' && coversStep(run, rollback, id),
  );
  const steps = {
    ...run.steps,
    ...Object.fromEntries(asked.map((id): [string, StepState] => [id, { status: 'pending' }])),
  };
  return { ...run, steps, rollbacks: [...run.rollbacks, rollback] };
}

export function undoResolved(run: Run, event: EventOf<'UndoResolved'>): Run {
  if (event.choice === 'run again') return withUndo(run, event.rollback, event.itemId, { status: 'waiting' });
  const state: UndoState = {
    status: event.choice === 'marked done' ? 'marked done' : 'skipped',
    at: event.at,
    by: event.by,
    note: event.note,
  };
  const next = withUndo(run, event.rollback, event.itemId, state);
  return event.choice === 'marked done' ? withUndone(next, event.rollback, event.itemId, event.at) : next;
}

export function undoBlocked(run: Run, event: EventOf<'UndoBlocked'>): Run {
  return withFailure(run, event, [{ kind: 'blocked', found: event.found }], undefined);
}

export function undoNotNeeded(run: Run, event: EventOf<'UndoNotNeeded'>): Run {
  return withUndo(run, event.rollback, event.itemId, { status: 'not needed', at: event.at, why: event.why });
}

/** A rollback is finished, or was given up. */
export function rollbackEnded(run: Run, event: EventOf<'RollbackFinished' | 'RollbackGivenUp'>): Run {
  const rollback = rollbackOf(run, event.rollback);
  const how =
    event.type === 'RollbackGivenUp'
      ? ({ kind: 'given up', by: event.by, note: event.note } as const)
      : { kind: event.outcome };
  const takenBack = run.runbook.phases
    .filter((phase) => isWhollyUndone(rollback, how.kind, phase))
    .flatMap((phase) => phase.steps.map((step) => step.id).filter((id) => rollback.plan.stepIds.includes(id)));
  const left = leftRunning(run, rollback.plan).map((one) => one.stepId);
  const taken: Taken = { at: event.at, takenBack, leftRunning: takenBack.filter((id) => left.includes(id)) };
  const after = withHalves(withoutCaptures(asBefore(run, rollback, taken), rollback.number), rollback, taken);
  const idsOf = (is: (state: StepState) => boolean) =>
    Object.entries(after.steps).flatMap(([id, state]) => (is(state) ? [id] : []));
  const stood = { done: idsOf(isDone), verifying: idsOf((state) => state.status === 'verifying') };
  return withRollback(after, { ...rollback, ending: { ...how, ...taken, attempts: run.attempts.length, ...stood } });
}

/** What was taken back in part, or is not proven, does not stand as done any more. */
function withHalves(run: Run, { plan, items, number }: Rollback, { takenBack, at }: Taken): Run {
  const halves = plan.items.flatMap(({ id, phaseId, work }) => {
    const { status } = items[id] ?? { status: 'waiting' };
    if (status === 'waiting' || status === 'not needed') return [];
    if (work.kind !== 'plan') return status === 'verifying' ? [work.stepId] : [];
    const phase = run.runbook.phases.find((one) => one.id === phaseId);
    return (phase?.steps ?? []).map((step) => step.id).filter((stepId) => plan.stepIds.includes(stepId));
  });
  const standing = halves.filter((stepId) => run.steps[stepId]?.status === 'succeeded' && !takenBack.includes(stepId));
  const state: StepState = { status: 'undo failed', at, rollback: number };
  return { ...run, steps: { ...run.steps, ...Object.fromEntries(standing.map((stepId) => [stepId, state])) } };
}

/** What a step captured that is pending again is gone with it: it captures anew. */
function withoutCaptures(run: Run, rollback: number): Run {
  const undone = run.runbook.phases.flatMap(({ steps }) =>
    steps.filter(({ id }) => isUndoneBy(run.steps[id], rollback)),
  );
  const gone = new Set(undone.map((step) => step.capture));
  return { ...run, values: Object.fromEntries(Object.entries(run.values).filter(([name]) => !gone.has(name))) };
}

type Ending = NonNullable<Rollback['ending']>;

type Taken = Pick<Ending, 'at' | 'takenBack' | 'leftRunning'>;

/**
 * Steps that were taken back are pending again, ticks of their checklists want ticking anew, and what was confirmed for
 * their phases is asked again. What could only be taken back in part keeps what it says.
 */
function asBefore(run: Run, { number, plan }: Rollback, { takenBack, leftRunning: left, at }: Taken): Run {
  const undone: StepState = { status: 'undone', at, rollback: number };
  const taken = takenBack.filter((id) => !left.includes(id));
  const steps = { ...run.steps, ...Object.fromEntries(taken.map((id) => [id, undone])) };
  const touched = run.runbook.phases.filter(
    (phase) => plan.phaseIds.includes(phase.id) && phase.steps.some((step) => isUndoneBy(steps[step.id], number)),
  );
  const open = touched.flatMap((phase) =>
    phase.checklist.map((item): [string, ItemState] => [item.id, { status: 'open' }]),
  );
  return {
    ...run,
    steps,
    items: { ...run.items, ...Object.fromEntries(open) },
    confirmations: run.confirmations.filter((given) => !touched.some((phase) => phase.id === given.phaseId)),
  };
}

/** Whether a rollback that ends so took back everything of a phase that it could. */
function isWhollyUndone({ plan, items }: Rollback, kind: Ending['kind'], phase: Phase): boolean {
  if (kind === 'rolled back') return plan.phaseIds.includes(phase.id);
  const own = plan.items.filter((item) => item.phaseId === phase.id);
  return (
    own.length > 0 && own.every((item) => ['done', 'not needed', 'marked done'].includes(items[item.id]?.status ?? ''))
  );
}

function isUndoneBy(state: StepState | undefined, rollback: number): boolean {
  return state?.status === 'undone' && state.rollback === rollback;
}

/** What an event of an undo's attempt means for its rollback. The attempt itself is already folded. */
export function reduceUndo(run: Run, event: AttemptEvent, attempt: Attempt): Run {
  if (attempt.purpose.kind !== 'undo') return run;
  const { rollback, itemId } = attempt.purpose;
  const place = { rollback, itemId, at: event.at };
  const number = attempt.number;
  const state = rollbackOf(run, rollback).items[itemId];
  if (event.type !== 'AttemptStarted' && state && 'attempt' in state && state.attempt !== number) return run;
  const set = (next: UndoState) => withUndo(run, rollback, itemId, next);
  const held = () =>
    verifyOf(run, rollback, itemId) === undefined
      ? withUndone(set({ status: 'done', attempt: number, at: event.at }), rollback, itemId, event.at)
      : set({ status: 'verifying', attempt: number });
  switch (event.type) {
    case 'AttemptStarted':
      return set({ status: 'running', attempt: number });
    case 'AttemptSpawned':
    case 'AttemptReady':
    case 'StopRequested':
    case 'StopEscalated':
    case 'AttemptProvenGone':
      return run;
    case 'AttemptEnded': {
      const verdict = verdictOf(event.result);
      if (verdict.kind === 'held') return held();
      if (verdict.kind === 'unknown') return withUnknown(run, place, number, verdict.why);
      return withFailure(run, place, verdict.reasons, number);
    }
    case 'AttemptWithdrawn':
      return set({ status: 'waiting' });
    case 'AttemptLost':
      return withUnknown(run, place, number, event.why);
    case 'ManualDone':
      return held();
    case 'AttemptVerified': {
      if (state?.status !== 'verifying') return run;
      const why = whyUnverified(event.answer, attempt);
      if (why !== undefined) return withUnknown(run, place, number, why);
      return event.answer.held
        ? withUndone(set({ status: 'done', attempt: number, at: event.at }), rollback, itemId, event.at)
        : withFailure(run, place, [verifyReason(event.answer)], number);
    }
    default:
      return event satisfies never;
  }
}

/** The command that proves an item of a rollback; undefined: its own end is the proof. */
export function verifyOf(run: Run, rollback: number, itemId: string): string | undefined {
  const work = rollbackOf(run, rollback).plan.items.find((item) => item.id === itemId)?.work;
  if (work?.kind === 'undo') return work.verify;
  return work?.kind === 'plan' ? work.step.verify : undefined;
}

type Place = { readonly rollback: number; readonly itemId: string; readonly at: number };

function withFailure(run: Run, place: Place, reasons: readonly Reason[], attempt: number | undefined): Run {
  const number = attempt === undefined ? {} : { attempt };
  const failed = withUndo(run, place.rollback, place.itemId, { status: 'failed', at: place.at, reasons, ...number });
  return withStepState(withFirstFailure(failed, place, reasons, number), place, {
    status: 'undo failed',
    at: place.at,
    rollback: place.rollback,
    ...number,
  });
}

function withFirstFailure(
  run: Run,
  { rollback: number, itemId }: Place,
  reasons: readonly Reason[],
  attempt: { readonly attempt?: number },
): Run {
  const rollback = rollbackOf(run, number);
  return withRollback(run, { ...rollback, firstFailure: rollback.firstFailure ?? { itemId, reasons, ...attempt } });
}

function withUnknown(run: Run, place: Place, attempt: number, why: string): Run {
  const unknown = withUndo(run, place.rollback, place.itemId, { status: 'unknown', attempt, at: place.at, why });
  const first = withFirstFailure(unknown, place, [{ kind: 'blocked', found: why }], { attempt });
  // What it undoes may be taken back in part: nothing goes on as if it stood.
  return withStepState(first, place, { status: 'undo failed', at: place.at, rollback: place.rollback, attempt });
}

function withUndone(run: Run, rollback: number, itemId: string, at: number): Run {
  return withStepState(run, { rollback, itemId, at }, { status: 'undone', at, rollback });
}

function withStepState(run: Run, place: Place, state: StepState): Run {
  const work = rollbackOf(run, place.rollback).plan.items.find((item) => item.id === place.itemId)?.work;
  if (!work || work.kind === 'plan' || !(work.stepId in run.steps)) return run;
  return { ...run, steps: { ...run.steps, [work.stepId]: state } };
}

function withUndo(run: Run, number: number, itemId: string, state: UndoState): Run {
  const rollback = rollbackOf(run, number);
  if (!(itemId in rollback.items)) throw new RangeError(`Rollback ${number} has no item "${itemId}".`);
  return withRollback(run, { ...rollback, items: { ...rollback.items, [itemId]: state } });
}

function rollbackOf(run: Run, number: number): Rollback {
  const rollback = run.rollbacks[number - 1];
  if (!rollback) throw new RangeError(`The run has no rollback ${number}.`);
  return rollback;
}

function withRollback(run: Run, rollback: Rollback): Run {
  return { ...run, rollbacks: run.rollbacks.map((one) => (one.number === rollback.number ? rollback : one)) };
}
