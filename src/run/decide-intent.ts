import { advance, askItem, startAttempt, stopAttempts } from './advance.ts';
import { isUndoing } from './advance-rollback.ts';
import { coversStep } from './covers-step.ts';
import { needsOf, runStep, startRunOn, whyNeedsMissing } from './decide-begin.ts';
import { decideRollbackIntent } from './decide-rollback.ts';
import { type Decision, type Draft, done, draft, perform, refused, say } from './decision.ts';
import type { Accepted } from './event.ts';
import type { Context, Intent } from './intent.ts';
import { missingForProof, whyUnproven } from './missing-for-proof.ts';
import { confirm, missingVariables, questionsAgain, unanswered } from './ordering.ts';
import {
  activeRollback,
  attemptByNumber,
  foregroundStepId,
  isConfirmed,
  isDone,
  isInBackground,
  isManual,
  isUp,
  isVerifying,
  itemById,
  phaseById,
  runningAttempts,
  stateOf,
  stepById,
  unknownStepId,
} from './select.ts';
import type { Attempt, Run } from './state.ts';
import { stillThereInRun } from './still-there.ts';
import { expandHome, valueProblem } from './values.ts';

/** Decides about what the operator wants. */
export function decideIntent(run: Run, intent: Intent, context: Context): Decision {
  if (run.closed && intent.type !== 'add note')
    return refused('This run was put aside. Open the runbook again to begin a new one.');
  switch (intent.type) {
    case 'run step':
      return runStep(run, intent, context);
    case 'run on':
      return startRunOn(run, intent, context);
    case 'hold':
      return run.runOn
        ? done(say(draft(run, context.now), { type: 'RunOnEnded', why: 'held by the operator' }))
        : refused('Nothing is running on.');
    case 'stop step':
      return stopStep(run, intent.stepId, context);
    case 'skip step':
      return skipStep(run, intent.stepId, intent.reason, context);
    case 'finish manual':
      return finishManual(run, intent, context);
    case 'verify again':
      return verifyAgain(run, intent.attempt, context);
    case 'resolve unknown':
      return resolveUnknown(run, intent, context);
    case 'open gate':
      return openGate(run, intent, context);
    case 'tick item':
      return tickItem(run, intent.itemId, intent.accepted, context);
    case 'add note': {
      if (intent.text.trim() === '') return refused('A note needs some words.');
      const { text, stepId, phaseId } = intent;
      const place = { ...(stepId === undefined ? {} : { stepId }), ...(phaseId === undefined ? {} : { phaseId }) };
      return done(say(draft(run, context.now), { type: 'NoteAdded', text, ...place }));
    }
    case 'set variable':
      return setVariable(run, intent.name, intent.value, context);
    case 'close run':
      return closeRun(run, intent, context);
    default:
      return decideRollbackIntent(run, intent, context);
  }
}

function stopStep(run: Run, stepId: string, context: Context): Decision {
  const state = stateOf(run, stepId);
  const title = stepById(run, stepId).title;
  const start = draft(run, context.now);
  if ((state.status === 'failed' || state.status === 'timed out') && state.retry) {
    const cancelled = say(start, { type: 'RetryCancelled', stepId, why: 'stopped by the operator' });
    return done(run.runOn ? say(cancelled, { type: 'RunOnEnded', why: `“${title}” was stopped` }) : cancelled);
  }
  const active = runningAttempts(run).find((one) => one.purpose.kind === 'step' && one.purpose.stepId === stepId);
  if (!active)
    return refused(
      state.status === 'verifying'
        ? (whyUnproven(run, stepId, context) ?? `“${title}” has ended; its verify is being asked.`)
        : `“${title}” is not running.`,
    );
  if (stepById(run, stepId).action.kind === 'manual')
    return refused(`“${title}” is done by a person; tick it, or skip it: s.`);
  if (active.life.status === 'stopping')
    return refused(`“${title}” was asked to stop already; SIGTERM, then SIGKILL follow by themselves.`);
  const held = run.runOn ? say(start, { type: 'RunOnEnded', why: `“${title}” was stopped` }) : start;
  return done(stopAttempts(held, [active.number], 'stopped by the operator'));
}

function skipStep(run: Run, stepId: string, reason: string, context: Context): Decision {
  const step = stepById(run, stepId);
  const state = stateOf(run, stepId);
  if (step.required) return refused(`“${step.title}” is required: it can't be skipped.`);
  if (reason.trim() === '') return refused('Skipping needs a reason.');
  if (isDone(state)) return refused(`“${step.title}” is ${state.status} already.`);
  if (state.status === 'unknown')
    return refused(`Nobody knows how “${step.title}” ended. Settle that first: Enter on it.`);
  const rollback = activeRollback(run);
  if (rollback && coversStep(run, rollback, stepId))
    return refused('A rollback is under way. Finish it or give it up first: r.');
  const manual = step.action.kind === 'manual' && state.status === 'running';
  if (!manual && ['asking', 'starting', 'running', 'verifying'].includes(state.status)) {
    return refused(whyUnproven(run, stepId, context) ?? `“${step.title}” is under way. Stop it first: x.`);
  }
  if (!manual && isUp(run, stepId)) return refused(`“${step.title}” is up. Stop it first: x.`);
  const start = draft(run, context.now);
  const ended =
    manual && 'attempt' in state
      ? say(start, { type: 'AttemptWithdrawn', attempt: state.attempt, why: 'skipped' })
      : start;
  return done(advance(say(ended, { type: 'StepSkipped', stepId, reason }), context));
}

function finishManual(run: Run, intent: Extract<Intent, { type: 'finish manual' }>, context: Context): Decision {
  const step = stepById(run, intent.stepId);
  const state = stateOf(run, intent.stepId);
  if (step.action.kind !== 'manual') return refused(`“${step.title}” is not done by hand.`);
  if (state.status !== 'running') return refused(`“${step.title}” has not begun. Begin it first: Enter.`);
  const missing = step.verify === undefined ? [] : missingVariables(run, context);
  if (missing.length > 0) return { kind: 'ask', questions: missing };
  const { attempt } = state;
  const { accepted, note } = intent;
  const finished = say(draft(run, context.now), { type: 'ManualDone', attempt, accepted, note });
  const verifying = stateOf(finished.run, intent.stepId).status === 'verifying';
  return done(advance(verifying ? perform(finished, { type: 'ask verify', attempt }) : finished, context));
}

function verifyAgain(run: Run, number: number, context: Context): Decision {
  const attempt = attemptByNumber(run, number);
  if (!isVerifying(run, attempt)) return refused('There is nothing to verify.');
  const missing = missingForProof(run, attempt, context);
  if (missing.length > 0) return { kind: 'ask', questions: missing };
  return done(perform(draft(run, context.now), { type: 'ask verify', attempt: number }));
}

function resolveUnknown(run: Run, intent: Extract<Intent, { type: 'resolve unknown' }>, context: Context): Decision {
  const { stepId, choice, note } = intent;
  const step = stepById(run, stepId);
  if (stateOf(run, stepId).status !== 'unknown') return refused(`“${step.title}” is not unknown.`);
  const rollback = activeRollback(run);
  if (rollback && coversStep(run, rollback, stepId))
    return refused('A rollback is under way; it takes the step back: r.');
  if (note.trim() === '') return refused('Say in a note what makes you sure: the journal keeps it.');
  const foreground = foregroundStepId(run);
  if (choice === 'run again' && foreground !== undefined)
    return refused(
      whyUnproven(run, foreground, context) ??
        `“${stepById(run, foreground).title}” is under way. Wait for it, or stop it: x.`,
    );
  if (choice === 'run again' && rollback && (!rollback.paused || isUndoing(rollback)))
    return refused('A rollback is under way. Finish it or give it up first: r.');
  if (choice === 'run again' && isUp(run, stepId)) return refused(`“${step.title}” is up. Stop it first: x.`);
  const missing = choice === 'run again' ? whyNeedsMissing(run, stepId, needsOf(run, stepId)) : undefined;
  if (missing !== undefined) return refused(missing);
  const questions = choice === 'run again' ? questionsAgain(run, stepId, context) : [];
  const answers = intent.answers ?? [];
  const open = unanswered(questions, answers);
  if (open.length > 0) return { kind: 'ask', questions: open };
  const confirmed = confirm(draft(run, context.now), questions, answers, 'person');
  const resolved = say(confirmed, { type: 'UnknownResolved', stepId, choice, note });
  if (choice !== 'run again') return done(resolved);
  const other = unknownStepId(resolved.run);
  return done(other === undefined ? advance(startAttempt(resolved, step), context) : resolved);
}

function openGate(run: Run, intent: Extract<Intent, { type: 'open gate' }>, context: Context): Decision {
  const phase = phaseById(run, intent.phaseId);
  if (phase.gate === undefined) return refused(`“${phase.title}” has no gate.`);
  if (isConfirmed(run, 'gate', phase.id)) return refused(`The gate of “${phase.title}” is open already.`);
  const left = phase.steps.find((step) => !isDone(stateOf(run, step.id)) && !isInBackground(run, step));
  if (left) return refused(`“${left.title}” is not done yet.`);
  const { accepted, said } = intent;
  return done(
    advance(
      say(draft(run, context.now), { type: 'Confirmed', reason: 'gate', phaseId: phase.id, accepted, said }),
      context,
    ),
  );
}

function tickItem(run: Run, itemId: string, accepted: Accepted, context: Context): Decision {
  const { item, phase } = itemById(run, itemId);
  const state = run.items[itemId];
  const start = draft(run, context.now);
  const rollback = activeRollback(run);
  if (rollback?.plan.phaseIds.includes(phase.id))
    return refused('A rollback is under way: the checklist is ticked anew after it.');
  if (state?.status === 'asking') return refused(`“${item.text}” is being asked.`);
  if (state?.status === 'ticked')
    return done(say(start, { type: 'ItemUnticked', itemId, why: 'unticked by the operator' }));
  if (item.run === undefined) {
    const how = accepted === '--yes' ? '--yes' : 'person';
    return done(advance(say(start, { type: 'ItemTicked', itemId, how, found: '' }), context));
  }
  const missing = missingVariables(run, context);
  if (missing.length > 0) return { kind: 'ask', questions: missing };
  return done(askItem(start, itemId));
}

function setVariable(run: Run, name: string, value: string, context: Context): Decision {
  const variable = run.runbook.vars.find((one) => one.name === name);
  if (!variable) return refused(`The runbook has no variable ${name}.`);
  if (variable.secret) return refused(`${name} is a secret: it is never journaled.`);
  const problem = valueProblem(variable, value, context.matches);
  if (problem !== undefined) return refused(`${problem}.`);
  if (run.active.length > 0) return refused('Something is running with the old value. Wait for it, or stop it: x.');
  if (isAsking(run)) return refused('Something is being asked with the old value. Wait for the answer.');
  const given = expandHome(variable, value, context.home);
  return done(askAwaiting(say(draft(run, context.now), { type: 'VariableSet', name, value: given }), run, context));
}

/** Asks the verifies that waited for a value, and for nothing else. */
function askAwaiting(after: Draft, before: Run, context: Context): Draft {
  const lacks = (run: Run, attempt: Attempt) => missingForProof(run, attempt, context).length > 0;
  return before.attempts
    .filter((one) => isVerifying(before, one) && lacks(before, one) && !lacks(after.run, one))
    .reduce((now, { number }) => perform(now, { type: 'ask verify', attempt: number }), after);
}

/** Whether a question is under way that a value may be part of. */
function isAsking({ steps, items }: Run): boolean {
  return (
    Object.values(steps).some(({ status }) => status === 'asking' || status === 'verifying') ||
    Object.values(items).some(({ status }) => status === 'asking')
  );
}

function closeRun(
  run: Run,
  { note, answers = [] }: Extract<Intent, { type: 'close run' }>,
  context: Context,
): Decision {
  const [first] = runningAttempts(run).filter((attempt) => !isManual(run, attempt));
  if (first) return refused(`“${first.title}” is still running. Stop it first.`);
  const rollback = activeRollback(run);
  if (rollback) return refused('A rollback is not finished. Finish it or give it up first.');
  const questions = stillThereInRun(run);
  const open = unanswered(questions, answers);
  if (open.length > 0) return { kind: 'ask', questions: open };
  return done(say(confirm(draft(run, context.now), questions, answers, 'person'), { type: 'RunClosed', note }));
}
