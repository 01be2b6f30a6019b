import { stopAttempts } from './advance.ts';
import { advanceRollback, isSettled, startUndo, stillStopping } from './advance-rollback.ts';
import { coversStep } from './covers-step.ts';
import { type Decision, type Draft, done, draft, perform, refused, say } from './decision.ts';
import type { RollbackItem, RollbackPlan } from './event.ts';
import type { Context, Intent, Question } from './intent.ts';
import { confirm, missingVariables, unanswered } from './ordering.ts';
import { dangerousPhases, planRollback } from './rollback.ts';
import { secretsForUndos } from './secrets-for-undos.ts';
import { activeRollback, foregroundStepId, phaseById, stepById, stepsOf, waitsForRetry } from './select.ts';
import type { Rollback, Run } from './state.ts';
import { stillThereBeforeUndo } from './still-there.ts';

type RollbackIntent = Extract<
  Intent,
  {
    type:
      | 'start rollback'
      | 'retry undo'
      | 'stop undo'
      | 'finish manual undo'
      | 'resolve undo'
      | 'resume rollback'
      | 'give up rollback';
  }
>;

export function decideRollbackIntent(run: Run, intent: RollbackIntent, context: Context): Decision {
  if (intent.type === 'start rollback') return startRollback(run, intent, context);
  const rollback = activeRollback(run);
  if (!rollback) return refused('No rollback is under way.');
  const start = draft(run, context.now);
  switch (intent.type) {
    case 'resume rollback': {
      if (!rollback.paused) return refused(whyNotResumed(rollback));
      const why = whyNoUndo(run);
      if (why !== undefined) return refused(why);
      const left = unsettled(rollback);
      // What is to be proven yet is asked of it whole, as at first.
      const isProving = left.some((item) => rollback.items[item.id]?.status === 'verifying');
      const ask = asking(isProving ? missingVariables(run, context) : secretsForUndos(run, left, context));
      // What runs, or ran into an unknown end, is not passed over: resuming only goes on from where it can.
      return ask ?? done(advanceRollback(stopLeft(resumed(start, rollback))));
    }
    case 'give up rollback': {
      // One that is only being verified can't be stopped, and its verify may want a secret that nobody has any more.
      if (Object.values(rollback.items).some(({ status }) => status === 'running'))
        return refused('An undo is running. Stop it first: x.');
      if (intent.note.trim() === '') return refused('Giving up needs a reason: the journal keeps it.');
      return done(say(start, { type: 'RollbackGivenUp', rollback: rollback.number, note: intent.note }));
    }
    default:
      return decideItem(run, intent, context);
  }
}

function decideItem(
  run: Run,
  intent: Exclude<RollbackIntent, { type: 'start rollback' | 'resume rollback' | 'give up rollback' }>,
  context: Context,
): Decision {
  const rollback = activeRollback(run);
  const item = rollback?.plan.items.find((candidate) => candidate.id === intent.itemId);
  const state = rollback?.items[intent.itemId];
  if (!rollback || !item || !state) return refused(`The rollback has no undo "${intent.itemId}".`);
  const start = rollback.paused ? resumed(draft(run, context.now), rollback) : draft(run, context.now);
  const stuck = state.status === 'failed' || state.status === 'unknown';
  const busy = whyNoUndo(run);
  switch (intent.type) {
    case 'retry undo':
      if (!stuck) return refused(`“${item.title}” did not fail.`);
      if (busy !== undefined) return refused(busy);
      return retryUndo({ start, rollback, item, intent, isUnknown: state.status === 'unknown' }, context);
    case 'resolve undo': {
      if (!stuck) return refused(`“${item.title}” did not fail.`);
      if (busy !== undefined) return refused(busy);
      if (intent.note.trim() === '') return refused('Say why in a note: the journal keeps it.');
      const next = unsettled(rollback).filter((one) => one.id !== item.id);
      const ask = asking(secretsForUndos(run, next, context));
      if (ask) return ask;
      const { choice, note } = intent;
      return done(
        advanceRollback(say(start, { type: 'UndoResolved', rollback: rollback.number, itemId: item.id, choice, note })),
      );
    }
    case 'stop undo':
      if (state.status !== 'running') return refused(`“${item.title}” is not running.`);
      return stopUndo(start, item, state.attempt);
    case 'finish manual undo': {
      if (state.status !== 'running') return refused(`“${item.title}” has not begun.`);
      const ask = asking(secretsForUndos(run, unsettled(rollback), context));
      if (ask) return ask;
      const { note, accepted } = intent;
      const finished = say(start, { type: 'ManualDone', attempt: state.attempt, accepted, note });
      const verifying = activeRollback(finished.run)?.items[item.id]?.status === 'verifying';
      return done(
        verifying ? perform(finished, { type: 'ask verify', attempt: state.attempt }) : advanceRollback(finished),
      );
    }
    default:
      return intent satisfies never;
  }
}

type Retry = {
  readonly start: Draft;
  readonly rollback: Rollback;
  readonly item: RollbackItem;
  readonly intent: Extract<Intent, { type: 'retry undo' }>;
  readonly isUnknown: boolean;
};

function retryUndo({ start, rollback, item, intent, isUnknown }: Retry, context: Context): Decision {
  const { note = '', answers = [] } = intent;
  if (isUnknown && note.trim() === '') return refused('Say in a note why it may be run again: the journal keeps it.');
  const { run } = start;
  const questions = [
    ...secretsForUndos(run, unsettled(rollback), context),
    ...stillThereBeforeUndo(run, rollback, item),
  ];
  const ask = asking(unanswered(questions, answers));
  if (ask) return ask;
  const confirmed = confirm(start, questions, answers, 'person');
  const resolution = { rollback: rollback.number, itemId: item.id, choice: 'run again', note } as const;
  const resolved = isUnknown ? say(confirmed, { type: 'UndoResolved', ...resolution }) : confirmed;
  return done(startUndo(resolved, rollback, item));
}

/** Why no undo can begin now; undefined: it can. Steps of other phases may go on while a rollback is paused. */
function whyNoUndo(run: Run): string | undefined {
  const foreground = foregroundStepId(run);
  const rollback = activeRollback(run);
  if (foreground === undefined || (rollback && coversStep(run, rollback, foreground))) return undefined;
  return `“${stepById(run, foreground).title}” is under way. Wait for it, or stop it: x.`;
}

/** What a rollback has yet to do. Once it goes on, one begins after the other without a question. */
function unsettled({ plan, items }: Rollback): readonly RollbackItem[] {
  return plan.items.filter(({ id }) => !isSettled(items[id]));
}

function whyNotResumed({ plan, items }: Rollback): string {
  const stuck = plan.items.find(({ id }) => items[id]?.status === 'failed' || items[id]?.status === 'unknown');
  return stuck
    ? `The rollback waits at “${stuck.title}”: try it again, mark it done, or skip it.`
    : 'The rollback is going on already.';
}

function resumed(start: Draft, rollback: Rollback): Draft {
  const held = start.run.runOn ? say(start, { type: 'RunOnEnded', why: 'the rollback went on' }) : start;
  return say(held, { type: 'RollbackResumed', rollback: rollback.number });
}

function startRollback(run: Run, intent: Extract<Intent, { type: 'start rollback' }>, context: Context): Decision {
  if (activeRollback(run)) return refused('A rollback is under way already.');
  const plan = planRollback(run, intent.plan.scope);
  if (plan.items.length === 0 && plan.stepIds.length === 0) return refused(nothingToUndo(run, plan));
  if (signature(plan) !== signature(intent.plan))
    return refused('The plan has changed since it was shown. Look at it again: r.');
  const untyped = dangerousPhases(run, plan).find(({ id }) => !intent.typed?.includes(id));
  if (untyped && intent.accepted === 'person') {
    return refused(`“${untyped.title}” is dangerous: type ${untyped.id} to roll it back.`);
  }
  const foreground = foregroundStepId(run);
  if (foreground !== undefined && !waitsForRetry(run, foreground) && !coversStep(run, { plan }, foreground))
    return refused(`“${stepById(run, foreground).title}” is under way. Stop it first: x; or roll the whole run back.`);
  const { accepted, note = '' } = intent;
  if (plan.scope.kind === 'step' && accepted === 'person' && note.trim() === '')
    return refused('Say in a note why it is undone: the journal keeps it.');
  const ask = asking(secretsForUndos(run, plan.items, context));
  if (ask) return ask;
  const rollback = run.rollbacks.length + 1;
  const held = run.runOn
    ? say(draft(run, context.now), { type: 'RunOnEnded', why: 'a rollback began' })
    : draft(run, context.now);
  const waiting = stepsOf(run).filter((step) => waitsForRetry(run, step.id));
  const quiet = waiting.reduce(
    (now, step) => say(now, { type: 'RetryCancelled', stepId: step.id, why: 'a rollback began' }),
    held,
  );
  const kept = note.trim() === '' ? {} : { note };
  const started = say(quiet, { type: 'RollbackStarted', rollback, plan, accepted, ...kept });
  return done(advanceRollback(stopLeft(started)));
}

/** What a person does has no process to stop: it is left to the operator's choices. */
function stopUndo(start: Draft, item: RollbackItem, attempt: number): Decision {
  if (item.work.kind !== 'plan' || item.work.step.action.kind !== 'manual')
    return done(stopAttempts(start, [attempt], 'stopped by the operator'));
  const left = say(start, { type: 'AttemptWithdrawn', attempt, why: 'stopped by the operator' });
  const rollback = start.run.rollbacks.length;
  return done(say(left, { type: 'UndoBlocked', rollback, itemId: item.id, found: 'it was not done' }));
}

function asking(questions: readonly Question[]): Decision | undefined {
  return questions.length > 0 ? { kind: 'ask', questions } : undefined;
}

function nothingToUndo(run: Run, plan: RollbackPlan): string {
  if (plan.remaining.length > 0) return 'Nothing here can be undone: what was done stays. The plan says why.';
  return plan.scope.kind === 'phase'
    ? `Nothing of “${phaseById(run, plan.scope.phaseId).title}” was started: there is nothing to roll back.`
    : 'Nothing was started: there is nothing to roll back.';
}

/** Everything of the rollback's steps that still runs is asked to stop; a manual step just ends to be somebody's task. */
function stopLeft(start: Draft): Draft {
  const rollback = activeRollback(start.run);
  if (!rollback) return start;
  return stillStopping(start.run, rollback).reduce((now, attempt) => {
    const step =
      attempt.purpose.kind === 'step'
        ? stepsOf(now.run).find((one) => attempt.purpose.kind === 'step' && one.id === attempt.purpose.stepId)
        : undefined;
    return step?.action.kind === 'manual'
      ? say(now, { type: 'AttemptWithdrawn', attempt: attempt.number, why: 'a rollback began' })
      : stopAttempts(now, [attempt.number], 'a rollback began');
  }, start);
}

/** Two plans with the same signature do the same. */
function signature(plan: RollbackPlan): string {
  return JSON.stringify([plan.items, plan.stepIds, plan.remaining]);
}
