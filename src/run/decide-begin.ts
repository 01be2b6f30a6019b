import type { Phase, Step } from '../definition/runbook.ts';
import { advance, beginStep, stopAttempts } from './advance.ts';
import { isUndoing } from './advance-rollback.ts';
import { coversStep } from './covers-step.ts';
import { type Decision, type Draft, done, draft, refused, say } from './decision.ts';
import type { Context, Intent, Question } from './intent.ts';
import { whyUnproven } from './missing-for-proof.ts';
import {
  confirm,
  gateQuestion,
  missingVariables,
  questionsBefore,
  servicesLeftBefore,
  unanswered,
} from './ordering.ts';
import {
  activeRollback,
  askedItem,
  comesAfter,
  foregroundStepId,
  isConfirmed,
  isDone,
  isInBackground,
  isReached,
  isUp,
  isWatching,
  openQuestions,
  phaseById,
  phaseOfStep,
  stateOf,
  stepById,
  stepsOf,
  unknownStepId,
  waitsForRetry,
} from './select.ts';
import type { Run } from './state.ts';

/** Why no step at all, or not this one, can begin; undefined: it can. */
function whyNoStep(run: Run, stepId: string, context: Context): string | undefined {
  const rollback = activeRollback(run);
  if (rollback && (coversStep(run, rollback, stepId) || !rollback.paused || isUndoing(rollback))) {
    return 'A rollback is under way. Finish it or give it up first: r.';
  }
  const foreground = foregroundStepId(run);
  const isOwnRetry = foreground === stepId && waitsForRetry(run, stepId);
  if (foreground !== undefined && !isOwnRetry)
    return (
      whyUnproven(run, foreground, context) ??
      `“${stepById(run, foreground).title}” is under way. Wait for it, or stop it: x.`
    );
  const unknown = unknownStepId(run);
  if (unknown !== undefined)
    return `Nobody knows how “${stepById(run, unknown).title}” ended. Settle that first: Enter on it.`;
  const asked = askedItem(run);
  if (asked) return `“${asked.text}” is being asked. Wait for the answer.`;
  const step = stepById(run, stepId);
  if (isInBackground(run, step)) return `“${step.title}” is running. Stop it: x.`;
  if (isUp(run, stepId)) return `“${step.title}” is up. Stop it first: x.`;
  if (stateOf(run, stepId).status === 'succeeded' && !step.readonly)
    return `“${step.title}” is done. To do it again, roll it back first: r.`;
  return undefined;
}

/** Steps this one needs that are not done yet. */
export function needsOf(run: Run, stepId: string): readonly Step[] {
  return stepById(run, stepId)
    .needs.filter((id) => !isDone(stateOf(run, id)))
    .map((id) => stepById(run, id));
}

/** Why a step can't begin before those; undefined: there are none. */
export function whyNeedsMissing(run: Run, stepId: string, missing: readonly Step[]): string | undefined {
  if (missing.length === 0) return undefined;
  return `“${stepById(run, stepId).title}” needs ${missing.map((step) => `“${step.title}”`).join(', ')} first.`;
}

/** Runs a step, or runs again what failed. */
export function runStep(run: Run, intent: Extract<Intent, { type: 'run step' }>, context: Context): Decision {
  const why =
    whyNoStep(run, intent.stepId, context) ?? whyNeedsMissing(run, intent.stepId, needsOf(run, intent.stepId));
  if (why !== undefined) return refused(why);
  const questions = questionsBefore(run, intent.stepId, context);
  const open = unanswered(questions, intent.answers);
  if (open.length > 0) return { kind: 'ask', questions: open };
  const step = stepById(run, intent.stepId);
  const answered = (before: Draft) => confirm(before, questions, intent.answers, intent.accepted);
  const start = draft(run, context.now);
  const services = servicesLeftBefore(run, step.id);
  if (services.length === 0) return done(advance(beginStep(answered(start), step), context));
  // The services of phases before it go first. What is answered counts for this step, and for none that stands before it.
  const phaseId = phaseOfStep(run, step.id).id;
  const wanted = answered(say(start, { type: 'RunOnStarted', phaseId, toStepId: step.id, only: true }));
  return done(
    stopAttempts(
      wanted,
      services.map((one) => one.number),
      'its phase is over',
    ),
  );
}

/** Goes on by itself from the next step to the next stop. */
export function startRunOn(run: Run, intent: Extract<Intent, { type: 'run on' }>, context: Context): Decision {
  if (run.runOn) return refused('It is running on already. Hold it with a.');
  const { phaseId, toStepId } = intent;
  const limits = { ...(phaseId === undefined ? {} : { phaseId }), ...(toStepId === undefined ? {} : { toStepId }) };
  const next = nextOf(run, phaseId);
  const started = (before: Draft) => say(before, { type: 'RunOnStarted', ...limits });
  if (next === undefined) {
    // The steps of a phase with a plan of its own say that they are done until all of it is.
    if (isRolledBackNow(run, phaseId)) return refused('A rollback is under way. Finish it or give it up first: r.');
    const open = missingForChecks(run, phaseId === undefined ? run.runbook.phases : [phaseById(run, phaseId)], context);
    if (open.length > 0) return { kind: 'ask', questions: open };
    const gate = run.runbook.phases.find((phase) => phase.gate !== undefined && !isConfirmed(run, 'gate', phase.id));
    if (
      !gate ||
      (phaseId !== undefined && gate.id !== phaseId) ||
      somethingFirst(run, phaseId === undefined ? run.runbook.phases : [gate])
    ) {
      return done(advance(started(draft(run, context.now)), context));
    }
    const asked = unanswered([gateQuestion(run, gate)], intent.answers);
    if (asked.length > 0) return { kind: 'ask', questions: asked };
    return done(
      advance(
        started(confirm(draft(run, context.now), [gateQuestion(run, gate)], intent.answers, intent.accepted)),
        context,
      ),
    );
  }
  const needs = needsOf(run, next);
  const isWaiting = needs.length > 0 && needs.every((step) => isInBackground(run, step));
  const why = whyNoStep(run, next, context) ?? (isWaiting ? undefined : whyNeedsMissing(run, next, needs));
  if (why !== undefined) return refused(why);
  const isThere = toStepId !== undefined && isReached(run, toStepId);
  const missing = missingForChecks(run, phaseId === undefined && !isThere ? phasesBefore(run, next) : [], context);
  if (missing.length > 0) return { kind: 'ask', questions: missing };
  const isBeyond = toStepId !== undefined && comesAfter(run, next, toStepId);
  if (isWaiting || isBeyond || (phaseId === undefined && somethingFirst(run, phasesBefore(run, next))))
    return done(advance(started(draft(run, context.now)), context));
  // Within one phase nothing asks the items of those before it, or waits for what they watch: their gates are asked for.
  const watched = phasesBefore(run, next).find((phase) => gateWaits(run, phase));
  if (watched) return refused(`“${watched.title}” is still being watched, and its gate comes after that.`);
  const questions = questionsBefore(run, next, context);
  const open = unanswered(questions, intent.answers);
  if (open.length > 0) return { kind: 'ask', questions: open };
  // In this order: what is confirmed counts for what running on begins with, also where services have to end before.
  const wanted = confirm(started(draft(run, context.now)), questions, intent.answers, intent.accepted);
  const step = stepById(run, next);
  if (step.action.kind === 'interactive' && !context.attended) {
    return done(say(wanted, { type: 'RunOnEnded', why: `“${step.title}” wants a person at the terminal` }));
  }
  const services = servicesLeftBefore(run, next);
  if (services.length > 0)
    return done(
      stopAttempts(
        wanted,
        services.map((one) => one.number),
        'its phase is over',
      ),
    );
  const begun = beginStep(wanted, step);
  const held =
    step.action.kind === 'manual'
      ? say(begun, { type: 'RunOnEnded', why: `“${step.title}” is done by a person` })
      : begun;
  return done(advance(held, context));
}

/** What has no value and is wanted by what running on asks of the checklists of these phases before it begins a step. */
function missingForChecks(run: Run, phases: readonly Phase[], context: Context): readonly Question[] {
  return phases.some((phase) => openQuestions(run, phase).length > 0) ? missingVariables(run, context) : [];
}

function isRolledBackNow(run: Run, phaseId: string | undefined): boolean {
  const rollback = activeRollback(run);
  if (rollback === undefined || phaseId === undefined) return rollback !== undefined;
  return !rollback.paused || rollback.plan.scope.kind === 'run' || rollback.plan.phaseIds.includes(phaseId);
}

/** The step that running on begins with. */
function nextOf(run: Run, phaseId: string | undefined): string | undefined {
  const steps = phaseId === undefined ? stepsOf(run) : phaseById(run, phaseId).steps;
  return steps.find((step) => !isDone(stateOf(run, step.id)) && !isInBackground(run, step))?.id;
}

/** Whether running on has to ask, or to wait for, something before the gates of these phases are asked for. */
function somethingFirst(run: Run, phases: readonly Phase[]): boolean {
  return phases.some((phase) => openQuestions(run, phase).length > 0 || gateWaits(run, phase));
}

function phasesBefore({ runbook: { phases } }: Run, stepId: string): readonly Phase[] {
  return phases.slice(
    0,
    phases.findIndex((phase) => phase.steps.some((step) => step.id === stepId)),
  );
}

/** A gate asks about what the watch of its phase has seen. */
function gateWaits(run: Run, phase: Phase): boolean {
  return phase.gate !== undefined && !isConfirmed(run, 'gate', phase.id) && isWatching(run, phase);
}
