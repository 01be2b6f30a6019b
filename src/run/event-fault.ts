import type { RunEventType } from './event.ts';
import {
  boolean,
  listOf,
  map,
  number,
  oneOf,
  optional,
  ordinal,
  recordOf,
  type Shape,
  string,
  variant,
} from './fault-of.ts';
import { resultFault } from './result-fault.ts';

const accepted = oneOf('person', '--yes');
const answer = map({ held: boolean, found: string, lineLost: optional(boolean) });
const purpose = variant({ step: { stepId: string }, undo: { rollback: ordinal, itemId: string } });
const work = variant({
  undo: {
    stepId: string,
    script: string,
    requires: optional(string),
    verify: optional(string),
    timeoutMs: optional(number),
  },
  restore: { stepId: string, attempt: ordinal, earlier: optional(listOf(ordinal)) },
  plan: { step: map({ id: string, title: string, action: map({ kind: string }) }) },
});
const plan = map({
  scope: variant({ phase: { phaseId: string }, run: {}, step: { stepId: string } }),
  phaseIds: listOf(string),
  items: listOf(map({ id: string, phaseId: string, title: string, work })),
  remaining: listOf(map({ stepId: string, title: string, why: string })),
  stepIds: listOf(string),
});

/** What each event carries; what is not named here is not needed to go on. */
const shapes: Readonly<Record<RunEventType, Shape>> = {
  RunStarted: {
    runbookId: string,
    title: string,
    definition: string,
    path: string,
    values: recordOf(string),
    origins: recordOf(string),
    version: string,
    after: optional(string),
  },
  RunOpened: { host: string, pid: number, screen: boolean },
  RunClosed: { note: string },
  DefinitionAdopted: { definition: string, file: string, changes: listOf(string) },
  DefinitionKept: { definition: string },
  VariableSet: { name: string, value: string },
  Confirmed: {
    reason: oneOf('confirm', 'danger', 'irreversible', 'out of order', 'other host', 'gate', 'still there'),
    phaseId: string,
    stepId: optional(string),
    accepted,
    said: string,
  },
  RunOnStarted: { phaseId: optional(string), toStepId: optional(string), only: optional(boolean) },
  RunOnEnded: { why: string },
  UnlessAsked: { stepId: string },
  UnlessAnswered: { stepId: string, answer },
  StepSatisfied: { stepId: string, found: string },
  StepSkipped: { stepId: string, reason: string },
  AttemptStarted: { attempt: ordinal, purpose, title: string, retry: optional(number) },
  AttemptSpawned: { attempt: ordinal, spawnedAt: number },
  AttemptReady: { attempt: ordinal, readyAt: number },
  StopRequested: { attempt: ordinal, why: string },
  StopEscalated: { attempt: ordinal, signal: string },
  AttemptEnded: { attempt: ordinal, result: resultFault },
  AttemptWithdrawn: { attempt: ordinal, why: string },
  AttemptLost: { attempt: ordinal, why: string, groupGone: optional(boolean) },
  AttemptProvenGone: { attempt: ordinal },
  AttemptVerified: { attempt: ordinal, answer },
  ManualDone: { attempt: ordinal, accepted, note: string },
  RetryScheduled: { stepId: string, dueAt: number, number },
  RetryCancelled: { stepId: string, why: string },
  UnknownResolved: { stepId: string, choice: oneOf('adopt as done', 'run again', 'mark failed'), note: string },
  ItemTicked: { itemId: string, how: oneOf('person', 'command', '--yes'), found: string },
  ItemUnticked: { itemId: string, why: string },
  ItemAsked: { itemId: string },
  ItemNotMet: { itemId: string, found: string },
  NoteAdded: { text: string, stepId: optional(string), phaseId: optional(string) },
  RollbackStarted: { rollback: ordinal, plan, accepted, note: optional(string) },
  UndoResolved: {
    rollback: ordinal,
    itemId: string,
    choice: oneOf('marked done', 'skipped', 'run again'),
    note: string,
  },
  UndoBlocked: { rollback: ordinal, itemId: string, found: string },
  UndoNotNeeded: { rollback: ordinal, itemId: string, why: string },
  RollbackResumed: { rollback: ordinal },
  RollbackFinished: { rollback: ordinal, outcome: oneOf('rolled back', 'partly rolled back') },
  RollbackGivenUp: { rollback: ordinal, note: string },
};

/** What is wrong with an event's data, as a sentence without its full stop; undefined: it is whole. */
export function eventFault(type: string, data: unknown): string | undefined {
  if (!Object.hasOwn(shapes, type)) return 'it is an event of no kind that this version knows';
  const fault = map(shapes[type as RunEventType])(data);
  return fault === undefined ? undefined : `its data ${fault}`;
}
