import type { Runbook } from '../definition/runbook.ts';
import type { RunEvent, RunEventBody } from './event.ts';
import { verdictOf } from './reasons.ts';
import { reduceUndo, rollbackEnded, rollbackStarted, undoBlocked, undoResolved } from './reduce-rollback.ts';
import { attemptByNumber, isActive, stepById } from './select.ts';
import type { Attempt, AttemptLife, ItemState, Reason, Run, StepState } from './state.ts';

type Event<T extends RunEventBody['type']> = Extract<RunEvent, { type: T }>;

/** Gives the definition with this digest; the run's own, or one that was adopted later. */
export type DefinitionOf = (digest: string) => Runbook;

/**
 * The state of a run is this fold over its journal.
 *
 * @throws {RangeError} if the first event does not begin a run, or an event names what the definition lacks: a foreign
 *   journal.
 */
export function replay(runId: string, events: readonly RunEvent[], definitionOf: DefinitionOf): Run {
  const [first, ...rest] = events;
  if (first?.type !== 'RunStarted') throw new RangeError('The journal does not begin with the start of a run.');
  return rest.reduce(
    (run, event) => reduce(run, event, definitionOf),
    begin(runId, first, definitionOf(first.definition)),
  );
}

/** The run as its first event leaves it. */
export function begin(runId: string, event: Event<'RunStarted'>, runbook: Runbook): Run {
  return {
    id: runId,
    runbook,
    definition: event.definition,
    definitionPath: event.path,
    startedAt: event.at,
    startedBy: event.by,
    values: event.values,
    steps: statesFor(runbook, {}),
    items: itemsFor(runbook, {}),
    attempts: [],
    confirmations: [],
    notes: [],
    rollbacks: [],
    lastSeq: event.seq,
    lastAt: event.at,
  };
}

function statesFor(runbook: Runbook, old: Readonly<Record<string, StepState>>): Record<string, StepState> {
  const ids = runbook.phases.flatMap((phase) => phase.steps.map((step) => step.id));
  return Object.fromEntries(ids.map((id) => [id, old[id] ?? { status: 'pending' }]));
}

function itemsFor(runbook: Runbook, old: Readonly<Record<string, ItemState>>): Record<string, ItemState> {
  const ids = runbook.phases.flatMap((phase) => phase.checklist.map((item) => item.id));
  return Object.fromEntries(ids.map((id) => [id, old[id] ?? { status: 'open' }]));
}

/**
 * Folds one journaled event into its run. Pure: no clock, no I/O.
 *
 * @throws {RangeError} if the event names a step, item or attempt that the run lacks: a foreign journal.
 */
export function reduce(before: Run, event: RunEvent, definitionOf: DefinitionOf): Run {
  const run: Run = { ...before, lastSeq: event.seq, lastAt: event.at };
  switch (event.type) {
    case 'RunStarted':
      throw new RangeError('A run starts only once.');
    case 'RunOpened':
      return opened(run, event);
    case 'RunClosed':
      return { ...run, closed: { at: event.at, by: event.by, note: event.note } };
    case 'DefinitionAdopted':
      return adopted(run, definitionOf(event.definition), event.definition);
    case 'DefinitionKept':
      return { ...run, keptOver: event.definition };
    case 'VariableSet':
      return { ...run, values: { ...run.values, [event.name]: event.value } };
    case 'Confirmed': {
      const { reason, phaseId, stepId, accepted, said, at, by } = event;
      const given = { reason, phaseId, accepted, said, at, by, ...(stepId === undefined ? {} : { stepId }) };
      return { ...run, confirmations: [...run.confirmations, given] };
    }
    case 'RunOnStarted':
      return runOnStarted(run, event);
    case 'RunOnEnded':
      return { ...without(run, 'runOn'), runOnEnded: event.why };
    case 'UnlessAsked':
      return withStep(run, event.stepId, { status: 'asking', at: event.at });
    case 'UnlessAnswered':
      return withStep(run, event.stepId, { status: 'pending' });
    case 'StepSatisfied':
      return withStep(run, event.stepId, { status: 'satisfied', at: event.at, found: event.found });
    case 'StepSkipped':
      return withStep(run, event.stepId, { status: 'skipped', at: event.at, by: event.by, reason: event.reason });
    case 'RetryScheduled':
      return withRetry(run, event.stepId, { dueAt: event.dueAt, number: event.number });
    case 'RetryCancelled':
      return withRetry(run, event.stepId, undefined);
    case 'UnknownResolved':
      return unknownResolved(run, event);
    case 'ItemAsked':
      return withItem(run, event.itemId, { status: 'asking' });
    case 'ItemTicked':
      return withItem(run, event.itemId, { status: 'ticked', at: event.at, by: event.by, how: event.how });
    case 'ItemUnticked':
      return withItem(run, event.itemId, { status: 'open' });
    case 'ItemNotMet':
      return withItem(run, event.itemId, { status: 'open', notMet: event.found });
    case 'NoteAdded': {
      const { at, by, text, stepId, phaseId } = event;
      const place = { ...(stepId === undefined ? {} : { stepId }), ...(phaseId === undefined ? {} : { phaseId }) };
      return { ...run, notes: [...run.notes, { at, by, text, ...place }] };
    }
    case 'RollbackStarted':
      return rollbackStarted(run, event);
    case 'UndoResolved':
      return undoResolved(run, event);
    case 'UndoBlocked':
      return undoBlocked(run, event);
    case 'RollbackResumed':
      return {
        ...run,
        rollbacks: run.rollbacks.map((one) => (one.number === event.rollback ? { ...one, paused: false } : one)),
      };
    case 'RollbackFinished':
    case 'RollbackGivenUp':
      return rollbackEnded(run, event);
    case 'RunLeft':
      return run;
    default:
      return reduceAttempt(run, event);
  }
}

type AttemptEvent = Event<
  | 'AttemptStarted'
  | 'AttemptSpawned'
  | 'AttemptReady'
  | 'StopRequested'
  | 'StopEscalated'
  | 'AttemptEnded'
  | 'AttemptWithdrawn'
  | 'AttemptLost'
  | 'AttemptVerified'
  | 'ManualDone'
>;

function reduceAttempt(run: Run, event: AttemptEvent): Run {
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
    const attempt: Attempt = { number, purpose, title, startedAt: at, by, life: { status: 'starting' }, ...retry };
    if (run.attempts.length !== number - 1)
      throw new RangeError(`Attempt ${number} does not follow attempt ${run.attempts.length}.`);
    return { ...without(run, 'runOnEnded'), attempts: [...run.attempts, attempt] };
  }
  const attempt = attemptByNumber(run, event.attempt);
  const stopWhy = attempt.stopWhy ?? (event.type === 'StopRequested' ? event.why : undefined);
  const next: Attempt = {
    ...attempt,
    life: nextLife(attempt.life, event),
    ...(stopWhy === undefined ? {} : { stopWhy }),
  };
  const attempts = [...run.attempts];
  attempts[event.attempt - 1] = next;
  const captured = event.type === 'AttemptEnded' ? event.result.captured : undefined;
  const name =
    captured === undefined || next.purpose.kind !== 'step' ? undefined : stepById(run, next.purpose.stepId).capture;
  return {
    ...run,
    attempts,
    ...(name && captured !== undefined ? { values: { ...run.values, [name]: captured } } : {}),
  };
}

function nextLife(life: AttemptLife, event: Exclude<AttemptEvent, Event<'AttemptStarted'>>): AttemptLife {
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
      return { status: 'ended', result: event.result, at: event.at };
    case 'AttemptWithdrawn':
      return { status: 'withdrawn', why: event.why, at: event.at };
    case 'AttemptLost':
      return {
        status: 'lost',
        why: event.why,
        at: event.at,
        ...(event.groupGone === undefined ? {} : { groupGone: event.groupGone }),
      };
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
      return set({ status: 'starting', attempt: number });
    case 'AttemptSpawned':
      return set({ status: 'running', attempt: number });
    case 'AttemptReady':
      return state?.status === 'running' || state?.status === 'starting' ? set(held()) : after;
    case 'StopRequested':
    case 'StopEscalated':
      return after;
    case 'AttemptEnded':
      return stepEnded({ before, after, event, attempt, stepId }, event, held);
    case 'AttemptWithdrawn':
      return set({ status: 'pending' });
    case 'AttemptLost':
      return set({ status: 'unknown', attempt: number, at: event.at, why: event.why });
    case 'ManualDone':
      return set(held());
    case 'AttemptVerified':
      if (state?.status !== 'verifying') return after;
      return set(
        event.answer.held
          ? { status: 'succeeded', attempt: number, at: event.at, how: 'verified' }
          : {
              status: 'failed',
              attempt: number,
              at: event.at,
              reasons: [{ kind: 'verify', found: event.answer.found }],
            },
      );
    default:
      return event satisfies never;
  }
}

function stepEnded(
  { before, after, attempt, stepId }: OfAttempt,
  event: Event<'AttemptEnded'>,
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
      return after.steps[stepId]?.status === 'running' ? withStep(after, stepId, held()) : after;
    }
    const reasons: Reason[] = [{ kind: 'ended early', found: endingWords(event) }];
    return withStep(after, stepId, { status: 'failed', attempt: number, at: event.at, reasons });
  }
  if (verdict.kind === 'held') return withStep(after, stepId, held());
  return withStep(after, stepId, { status: verdict.kind, attempt: number, at: event.at, reasons: verdict.reasons });
}

function endingWords(event: Event<'AttemptEnded'>): string {
  const { ending } = event.result;
  if (ending.kind === 'exited') return `exit status ${ending.status}`;
  if (ending.kind === 'killed') return `killed by ${ending.signal}`;
  return ending.kind === 'not met' || ending.kind === 'done' ? ending.found : ending.kind;
}

function readyAtOf(run: Run, number: number): number | undefined {
  const life = run.attempts[number - 1]?.life;
  return life?.status === 'running' || life?.status === 'stopping' ? life.readyAt : undefined;
}

function opened(run: Run, event: Event<'RunOpened'>): Run {
  // What only the gone screen could have gone on with is not in flight any more: nothing begins by itself.
  const steps = Object.fromEntries(
    Object.entries(run.steps).map(([id, state]): [string, StepState] => {
      if (state.status === 'asking') return [id, { status: 'pending' }];
      if (state.status === 'failed' || state.status === 'timed out') return [id, without(state, 'retry')];
      return [id, state];
    }),
  );
  const items = Object.fromEntries(
    Object.entries(run.items).map(([id, item]): [string, ItemState] => [
      id,
      item.status === 'asking' ? { status: 'open' } : item,
    ]),
  );
  const rollbacks = run.rollbacks.map((rollback) => (rollback.ending ? rollback : { ...rollback, paused: true }));
  const next: Run = {
    ...without(run, 'runOn'),
    steps,
    items,
    rollbacks,
    opened: { at: event.at, by: event.by, host: event.host },
  };
  return run.runOn ? { ...next, runOnEnded: 'the screen was gone' } : next;
}

function adopted(run: Run, runbook: Runbook, definition: string): Run {
  // Steps are matched by id; those that are gone keep their attempts in the journal, but not their state.
  const next = {
    ...run,
    runbook,
    definition,
    steps: statesFor(runbook, run.steps),
    items: itemsFor(runbook, run.items),
  };
  return without(next, 'keptOver');
}

function runOnStarted(run: Run, event: Event<'RunOnStarted'>): Run {
  const { phaseId, toStepId } = event;
  const items = Object.fromEntries(
    Object.entries(run.items).map(([id, item]): [string, ItemState] => [
      id,
      item.status === 'open' ? { status: 'open' } : item,
    ]),
  );
  const runOn = { ...(phaseId === undefined ? {} : { phaseId }), ...(toStepId === undefined ? {} : { toStepId }) };
  return { ...without(run, 'runOnEnded'), items, runOn };
}

function unknownResolved(run: Run, event: Event<'UnknownResolved'>): Run {
  const state = run.steps[event.stepId];
  if (state?.status !== 'unknown') return run;
  const { attempt } = state;
  const note = event.note;
  switch (event.choice) {
    case 'adopt as done':
      return withStep(run, event.stepId, { status: 'succeeded', attempt, at: event.at, how: 'adopted', note });
    case 'run again':
      return withStep(run, event.stepId, {
        status: 'failed',
        attempt,
        at: event.at,
        reasons: [{ kind: 'marked failed', note }],
      });
    case 'mark failed':
      return withStep(run, event.stepId, {
        status: 'failed',
        attempt,
        at: event.at,
        reasons: [{ kind: 'marked failed', note }],
      });
    default:
      return event.choice satisfies never;
  }
}

function withRetry(
  run: Run,
  stepId: string,
  retry: { readonly dueAt: number; readonly number: number } | undefined,
): Run {
  const state = run.steps[stepId];
  if (state?.status !== 'failed' && state?.status !== 'timed out') return run;
  return withStep(run, stepId, retry ? { ...state, retry } : without(state, 'retry'));
}

/** @throws {RangeError} if the run has no such step. */
export function withStep(run: Run, stepId: string, state: StepState): Run {
  if (!(stepId in run.steps)) throw new RangeError(`The run has no step "${stepId}".`);
  return { ...run, steps: { ...run.steps, [stepId]: state } };
}

function withItem(run: Run, itemId: string, state: ItemState): Run {
  if (!(itemId in run.items)) throw new RangeError(`The run has no checklist item "${itemId}".`);
  return { ...run, items: { ...run.items, [itemId]: state } };
}

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> & T {
  const { [key]: _, ...rest } = value;
  return rest as Omit<T, K> & T;
}

/** Whether the run still has something going on that only runners do. */
export function hasActiveAttempts(run: Run): boolean {
  return run.attempts.some(isActive);
}
