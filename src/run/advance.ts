import type { Phase, Step } from '../definition/runbook.ts';
import { advanceRollback, isUndoing } from './advance-rollback.ts';
import { coversStep } from './covers-step.ts';
import { type Draft, perform, say } from './decision.ts';
import type { Context, Question } from './intent.ts';
import { missingVariables, questionsBefore, runningServices, servicesLeftBefore, wasAnswered } from './ordering.ts';
import { expandFor } from './plan.ts';
import { hasStarted } from './rollback.ts';
import {
  activeRollback,
  askedItem,
  comesAfter,
  foregroundStepId,
  isConfirmed,
  isDone,
  isInBackground,
  isPhaseOver,
  isReached,
  phaseOfStep,
  stateOf,
  stepById,
  stepsOf,
  unknownStepId,
} from './select.ts';
import type { Run } from './state.ts';

/** Goes on with what is already wanted: a rollback, running on, services whose phase is over. */
export function advance(before: Draft, context: Context): Draft {
  const rollback = activeRollback(before.run);
  if (rollback && !rollback.paused) return advanceRollback(before);
  return stopServicesOfEndedPhases(runOn(before, context));
}

/**
 * Begins a step: asks its `unless` first where it has one. Not where an attempt may have left it half done, whatever is
 * said of the step since: that may hold for the half.
 */
export function beginStep(before: Draft, step: Step): Draft {
  if (step.unless !== undefined && !hasStarted(before.run, step.id)) {
    const asking = say(before, { type: 'UnlessAsked', stepId: step.id });
    return perform(asking, { type: 'ask unless', stepId: step.id, asked: asking.run.lastSeq });
  }
  return startAttempt(before, step);
}

/** Starts a new attempt of a step. A manual one has no process: a person is what runs. */
export function startAttempt(before: Draft, step: Step, retry?: number): Draft {
  const attempt = before.run.attempts.length + 1;
  const started = say(before, {
    type: 'AttemptStarted',
    attempt,
    purpose: { kind: 'step', stepId: step.id },
    title: expandFor(before.run, step.title),
    ...(retry === undefined ? {} : { retry }),
  });
  return step.action.kind === 'manual'
    ? say(started, { type: 'AttemptSpawned', attempt, spawnedAt: before.now })
    : perform(started, { type: 'start attempt', attempt });
}

function runOn(before: Draft, context: Context): Draft {
  const { run } = before;
  if (!run.runOn || foregroundBusy(before)) return before;
  const end = (why: string) => say(before, { type: 'RunOnEnded', why });
  const unknown = unknownStepId(run);
  if (unknown !== undefined) return end(`nobody knows how “${stepById(run, unknown).title}” ended`);
  const { toStepId, phaseId, only } = run.runOn;
  if (only && toStepId !== undefined) return beginOnly(before, toStepId, context);
  if (toStepId !== undefined && isReached(run, toStepId)) return end(`“${stepById(run, toStepId).title}” is done`);
  for (const phase of run.runbook.phases) {
    if (phaseId !== undefined && phase.id !== phaseId) continue;
    const next = nextStep(before, phase);
    if (next && toStepId !== undefined && comesAfter(run, next.id, toStepId)) {
      const last = stepById(run, toStepId);
      // What is wanted is a watch that goes on: its end brings us back here.
      return isWatched(run, last) ? before : end(`“${phase.title}” has nothing left to do up to “${last.title}”`);
    }
    if (next) return goOnWith(before, next, context);
    const stop = endOfPhase(before, phase, context);
    if (stop) return stop;
  }
  // Their ends bring us back here.
  if (phaseId === undefined && stepsOf(run).some((step) => isWatched(run, step))) return before;
  const services = runningServices(run).filter(
    ({ purpose }) =>
      phaseId === undefined || (purpose.kind === 'step' && phaseOfStep(run, purpose.stepId).id === phaseId),
  );
  const over = stopAttempts(
    before,
    services.map((one) => one.number),
    phaseId === undefined ? 'the run is over' : 'its phase is over',
  );
  return say(over, {
    type: 'RunOnEnded',
    why: phaseId === undefined ? 'every step is done' : 'every step of the phase is done',
  });
}

/** Begins the one step that was wanted; the end of the last service before it brings us back here. */
function beginOnly(before: Draft, stepId: string, context: Context): Draft {
  if (servicesLeftBefore(before.run, stepId).length > 0) return before;
  const step = stepById(before.run, stepId);
  const end = (why: string) => say(before, { type: 'RunOnEnded', why });
  const rollback = activeRollback(before.run);
  if (rollback && isUndoing(rollback)) return end('a rollback is not finished');
  const need = step.needs.find((id) => !isDone(stateOf(before.run, id)));
  if (need !== undefined) return end(`“${step.title}” needs “${stepById(before.run, need).title}” first`);
  const ended = end(`“${step.title}” was all that was wanted`);
  // It may have been skipped while the services were ending.
  const state = stateOf(before.run, stepId);
  if (state.status === 'skipped' || (isDone(state) && !step.readonly)) return ended;
  const open = openQuestion(before.run, stepId, context);
  return open ? end(whyAsked(open)) : beginStep(ended, step);
}

/** What is asked of a step now that was not answered when running on began; a gate may have closed since. */
function openQuestion(run: Run, stepId: string, context: Context): Question | undefined {
  return questionsBefore(run, stepId, context).find((question) => !wasAnswered(run, question));
}

function whyAsked(question: Question): string {
  return question.kind === 'variable' ? `${question.name} has no value` : question.text;
}

function foregroundBusy({ run }: Draft): boolean {
  return foregroundStepId(run) !== undefined || askedItem(run) !== undefined;
}

function nextStep({ run }: Draft, phase: Phase): Step | undefined {
  return phase.steps.find((step) => !isDone(stateOf(run, step.id)) && !isInBackground(run, step));
}

function goOnWith(before: Draft, step: Step, context: Context): Draft {
  const { run } = before;
  const end = (why: string) => say(before, { type: 'RunOnEnded', why });
  const state = stateOf(run, step.id);
  switch (state.status) {
    case 'failed':
    case 'timed out':
    case 'stopped':
    case 'undo failed':
      return end(`“${step.title}”: ${state.status}`);
    default:
      break;
  }
  const rollback = activeRollback(run);
  if (rollback && (coversStep(run, rollback, step.id) || isUndoing(rollback))) return end('a rollback is not finished');
  const missing = step.needs.filter((id) => !isDone(stateOf(run, id)));
  const absent = missing.find((id) => !isInBackground(run, stepById(run, id)));
  if (absent !== undefined) return end(`“${step.title}” needs “${stepById(run, absent).title}” first`);
  // The end of what it needs brings us back here.
  if (missing.length > 0) return before;
  const services = servicesLeftBefore(run, step.id);
  const open = openQuestion(run, step.id, context);
  if (open) return end(whyAsked(open));
  if (step.action.kind === 'interactive' && !context.attended)
    return end(`“${step.title}” wants a person at the terminal`);
  // A service of an earlier phase may hold what this step needs: it goes first, and its end brings us back here.
  if (services.length > 0)
    return stopAttempts(
      before,
      services.map((one) => one.number),
      'its phase is over',
    );
  const begun = beginStep(before, step);
  return step.action.kind === 'manual'
    ? say(begun, { type: 'RunOnEnded', why: `“${step.title}” is done by a person` })
    : begun;
}

/** What has to be asked when every step of a phase is done; undefined: nothing, the next phase may begin. */
function endOfPhase(before: Draft, phase: Phase, context: Context): Draft | undefined {
  const { run } = before;
  const watched = phase.steps.some((step) => isWatched(run, step));
  const isLast = phase === run.runbook.phases.at(-1);
  if (watched && (phase.gate !== undefined || isLast || run.runOn?.phaseId === phase.id)) return before;
  // Who opened it saw what did not hold; only a phase without a gate has to hold before the next begins.
  if (phase.gate !== undefined && isConfirmed(run, 'gate', phase.id)) return undefined;
  const asked = phase.checklist.find((item) => item.run !== undefined && run.items[item.id]?.status === 'open');
  if (asked) {
    const state = run.items[asked.id];
    if (state?.status === 'open' && state.notMet !== undefined) {
      return say(before, { type: 'RunOnEnded', why: `“${asked.text}” does not hold: ${state.notMet}` });
    }
    const [missing] = missingVariables(run, context);
    if (missing) return say(before, { type: 'RunOnEnded', why: `${missing.name} has no value` });
    return askItem(before, asked.id);
  }
  return phase.gate === undefined ? undefined : say(before, { type: 'RunOnEnded', why: `Gate: ${phase.gate}` });
}

/** Asks what an item of a checklist asks by itself. */
export function askItem(before: Draft, itemId: string): Draft {
  const asking = say(before, { type: 'ItemAsked', itemId });
  return perform(asking, { type: 'ask item', itemId, asked: asking.run.lastSeq });
}

function isWatched(run: Run, step: Step): boolean {
  return step.action.kind === 'watch' && isInBackground(run, step);
}

function stopServicesOfEndedPhases(before: Draft): Draft {
  const { run } = before;
  const over = runningServices(run).filter((attempt) => {
    if (attempt.purpose.kind !== 'step' || attempt.stopWhy !== undefined) return false;
    const phase = phaseOfStep(run, attempt.purpose.stepId);
    return isPhaseOver(run, phase) && phase.checklist.every((item) => run.items[item.id]?.status === 'ticked');
  });
  return stopAttempts(
    before,
    over.map((one) => one.number),
    'its phase is over',
  );
}

/** Asks attempts to stop; those that were asked already are not asked again. */
export function stopAttempts(before: Draft, numbers: readonly number[], why: string): Draft {
  return numbers.reduce((draft, attempt) => {
    if (draft.run.attempts[attempt - 1]?.life.status === 'stopping') return draft;
    return perform(say(draft, { type: 'StopRequested', attempt, why }), { type: 'stop attempt', attempt });
  }, before);
}
