import type { Runbook } from '../definition/runbook.ts';
import { gateClosed, without, withStep } from './changed-run.ts';
import type { EventOf, RunEvent } from './event.ts';
import { keptConfirmations, keptItems } from './kept-answers.ts';
import { reduceAttempt } from './reduce-attempt.ts';
import { rollbackEnded, rollbackStarted, undoBlocked, undoNotNeeded, undoResolved } from './reduce-rollback.ts';
import type { ItemState, Run, StepState } from './state.ts';
import { stepsLeftBefore } from './steps-left-before.ts';

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
export function begin(runId: string, event: EventOf<'RunStarted'>, runbook: Runbook): Run {
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
    active: [],
    confirmations: [],
    notes: [],
    rollbacks: [],
    lastSeq: event.seq,
    lastAt: event.at,
  };
}

/** An id may be a word that every object has, such as `constructor`. */
function kept<T>(old: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(old, id) ? old[id] : undefined;
}

function statesFor(runbook: Runbook, old: Readonly<Record<string, StepState>>): Record<string, StepState> {
  const ids = runbook.phases.flatMap((phase) => phase.steps.map((step) => step.id));
  return Object.fromEntries(ids.map((id) => [id, kept(old, id) ?? { status: 'pending' }]));
}

function itemsFor(runbook: Runbook, old: Readonly<Record<string, ItemState>>): Record<string, ItemState> {
  const ids = runbook.phases.flatMap((phase) => phase.checklist.map((item) => item.id));
  return Object.fromEntries(ids.map((id) => [id, kept(old, id) ?? { status: 'open' }]));
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
    case 'Confirmed':
      return confirmed(run, event);
    case 'RunOnStarted':
      return runOnStarted(run, event);
    case 'RunOnEnded':
      return { ...without(run, 'runOn'), runOnEnded: event.why };
    case 'UnlessAsked':
      return withStep(run, event.stepId, { status: 'asking', at: event.at, asked: event.seq });
    case 'UnlessAnswered':
      return withStep(run, event.stepId, {
        status: 'pending',
        ...(event.answer.lineLost ? { noAnswer: event.answer.found } : {}),
      });
    case 'StepSatisfied':
      return withStep(gateClosed(run, event.stepId), event.stepId, {
        status: 'satisfied',
        at: event.at,
        found: event.found,
      });
    case 'StepSkipped':
      return withStep(gateClosed(run, event.stepId), event.stepId, {
        status: 'skipped',
        at: event.at,
        by: event.by,
        reason: event.reason,
      });
    case 'RetryScheduled':
      return withRetry(run, event.stepId, { dueAt: event.dueAt, number: event.number });
    case 'RetryCancelled':
      return withRetry(run, event.stepId, undefined);
    case 'UnknownResolved':
      // Why running on had ended is settled with it.
      return unknownResolved(without(run, 'runOnEnded'), event);
    case 'ItemAsked':
      return withItem(run, event.itemId, { status: 'asking', asked: event.seq });
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
    case 'UndoNotNeeded':
      return undoNotNeeded(run, event);
    case 'RollbackResumed':
      return {
        ...run,
        rollbacks: run.rollbacks.map((one) => (one.number === event.rollback ? { ...one, paused: false } : one)),
      };
    case 'RollbackFinished':
    case 'RollbackGivenUp':
      return rollbackEnded(run, event);
    default:
      return reduceAttempt(run, event);
  }
}

function opened(run: Run, event: EventOf<'RunOpened'>): Run {
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
    items: itemsFor(runbook, keptItems(run, runbook)),
    confirmations: keptConfirmations(run, runbook),
  };
  return without(next, 'keptOver');
}

function confirmed(run: Run, event: EventOf<'Confirmed'>): Run {
  const { reason, phaseId, stepId, accepted, said, at, by } = event;
  const given = { reason, phaseId, accepted, said, at, by, ...(stepId === undefined ? {} : { stepId }) };
  // Why it stopped is answered with that.
  const next = { ...without(run, 'runOnEnded'), confirmations: [...run.confirmations, given] };
  // What counts for a whole phase is looked up there: a gate may close again.
  if (stepId === undefined || !run.runOn) return next;
  const left = reason === 'out of order' ? { left: stepsLeftBefore(run, stepId).map(({ id }) => id) } : {};
  return { ...next, runOn: { ...run.runOn, confirmed: [...(run.runOn.confirmed ?? []), { ...given, ...left }] } };
}

function runOnStarted(run: Run, event: EventOf<'RunOnStarted'>): Run {
  const { phaseId, toStepId, only } = event;
  const items = Object.fromEntries(
    Object.entries(run.items).map(([id, item]): [string, ItemState] => [
      id,
      item.status === 'open' ? { status: 'open' } : item,
    ]),
  );
  const runOn = {
    ...(phaseId === undefined ? {} : { phaseId }),
    ...(toStepId === undefined ? {} : { toStepId }),
    ...(only === undefined ? {} : { only }),
  };
  return { ...without(run, 'runOnEnded'), items, runOn };
}

function unknownResolved(run: Run, event: EventOf<'UnknownResolved'>): Run {
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

function withItem(run: Run, itemId: string, state: ItemState): Run {
  if (!(itemId in run.items)) throw new RangeError(`The run has no checklist item "${itemId}".`);
  return { ...run, items: { ...run.items, [itemId]: state } };
}
