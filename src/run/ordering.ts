import type { Phase, Step } from '../definition/runbook.ts';
import { type Draft, say } from './decision.ts';
import type { Accepted } from './event.ts';
import type { Answer, Context, Question } from './intent.ts';
import { lastStart } from './rollback.ts';
import { isConfirmed, isDone, phaseOfStep, runningAttempts, stateOf, stepsOf } from './select.ts';
import type { Attempt, Run } from './state.ts';
import { stepsLeftBefore } from './steps-left-before.ts';
import { stillThere } from './still-there.ts';

/** Phases before the step's whose gate nobody has opened yet. */
export function closedGates(run: Run, stepId: string): readonly Phase[] {
  const own = phaseOfStep(run, stepId);
  const before = run.runbook.phases.slice(0, run.runbook.phases.indexOf(own));
  return before.filter((phase) => phase.gate !== undefined && !isConfirmed(run, 'gate', phase.id));
}

/** Services of phases before the step's that still run: they end with their phase. */
export function servicesLeftBefore(run: Run, stepId: string): readonly Attempt[] {
  const own = phaseOfStep(run, stepId);
  const before = new Set(run.runbook.phases.slice(0, run.runbook.phases.indexOf(own)).map((phase) => phase.id));
  return runningServices(run).filter((attempt) => before.has(phaseOfAttempt(run, attempt)?.id ?? ''));
}

export function runningServices(run: Run): readonly Attempt[] {
  return runningAttempts(run).filter(
    (attempt) => attempt.purpose.kind === 'step' && stepOfAttempt(run, attempt)?.action.kind === 'service',
  );
}

export function stepOfAttempt(run: Run, attempt: Attempt): Step | undefined {
  const { purpose } = attempt;
  return purpose.kind === 'step' ? stepsOf(run).find((step) => step.id === purpose.stepId) : undefined;
}

function phaseOfAttempt(run: Run, attempt: Attempt): Phase | undefined {
  const step = stepOfAttempt(run, attempt);
  return step ? phaseOfStep(run, step.id) : undefined;
}

/** Every question that has to be answered before the step may begin, those of the order first. */
export function questionsBefore(run: Run, stepId: string, context: Context): readonly Question[] {
  const phase = phaseOfStep(run, stepId);
  const step = phase.steps.find((candidate) => candidate.id === stepId);
  if (!step) return [];
  return [
    ...missingVariables(run, context),
    ...closedGates(run, stepId).map((gated) => gateQuestion(run, gated)),
    ...outOfOrder(run, phase, step),
    ...otherHost(run, phase, step, context),
    ...warnings(run, phase, step),
    ...stillThere(run, phase.id, step),
  ];
}

/**
 * What is asked before an unknown step is run again. Whose turn it is was asked before, unless a value it had then is gone;
 * gates may have closed since.
 */
export function questionsAgain(run: Run, stepId: string, context: Context): readonly Question[] {
  const isGone = valuesGone(run, stepId).length > 0;
  return questionsBefore(run, stepId, context).filter(
    (one) => one.kind === 'variable' || one.reason !== 'out of order' || isGone,
  );
}

/** Names that a step which stands was last begun with and that have no value now: what captured them was taken back. */
export function valuesGone(run: Run, stepId: string): readonly string[] {
  const last = lastStart(run, stepId);
  return Object.keys(last?.values ?? {}).filter((name) => run.values[name] === undefined);
}

/** What is not answered yet, or not with what had to be typed. */
export function unanswered(questions: readonly Question[], answers: readonly Answer[]): readonly Question[] {
  return questions.filter((question) => {
    if (question.kind === 'variable') return true;
    const answer = answers.find((one) => isAnswerTo(one, question));
    return !answer || (question.typed !== undefined && answer.said !== question.typed);
  });
}

/**
 * Whether a question was answered when running on began, and the services before the step had to end first. Not about
 * the order where a step before it is left now that was not then.
 */
export function wasAnswered(run: Run, question: Question): boolean {
  if (question.kind !== 'confirm') return false;
  const left = question.stepId === undefined ? [] : stepsLeftBefore(run, question.stepId);
  return (run.runOn?.confirmed ?? []).some(
    (given) =>
      isAnswerTo(given, question) && (given.left === undefined || left.every(({ id }) => given.left?.includes(id))),
  );
}

/** Journals each answer. */
export function confirm(
  before: Draft,
  questions: readonly Question[],
  answers: readonly Answer[],
  accepted: Accepted,
): Draft {
  return questions.reduce((current, question) => {
    if (question.kind === 'variable') return current;
    const { reason, phaseId, stepId } = question;
    const said = answers.find((one) => isAnswerTo(one, question))?.said ?? '';
    const place = stepId === undefined ? { phaseId } : { phaseId, stepId };
    return say(current, { type: 'Confirmed', reason, ...place, accepted, said });
  }, before);
}

function isAnswerTo(answer: Answer, question: Extract<Question, { kind: 'confirm' }>): boolean {
  return answer.reason === question.reason && answer.phaseId === question.phaseId && answer.stepId === question.stepId;
}

export function gateQuestion(run: Run, phase: Phase): Question {
  const unticked = phase.checklist
    .filter((item) => run.items[item.id]?.status !== 'ticked')
    .map((item) => `not ticked: ${item.text}`);
  const left = phase.steps.filter((step) => !isDone(stateOf(run, step.id))).map((step) => `not done: ${step.title}`);
  return {
    kind: 'confirm',
    reason: 'gate',
    phaseId: phase.id,
    text: phase.gate ?? '',
    details: [...left, ...unticked],
  };
}

/** Variables that have to have a value before anything is executed, and have none. */
export function missingVariables(
  run: Run,
  context: Pick<Context, 'secretsHeld'>,
): readonly Extract<Question, { kind: 'variable' }>[] {
  return run.runbook.vars
    .filter(
      (one) =>
        !one.optional && (one.secret ? !context.secretsHeld.includes(one.name) : run.values[one.name] === undefined),
    )
    .map((one) => ({ kind: 'variable' as const, name: one.name, secret: one.secret, about: one.about ?? '' }));
}

function outOfOrder(run: Run, phase: Phase, step: Step): readonly Question[] {
  const left = stepsLeftBefore(run, step.id);
  const gone = valuesGone(run, step.id);
  if (left.length + gone.length === 0) return [];
  const count = left.length === 1 ? '1 step before it is' : `${left.length} steps before it are`;
  const why = left.length === 0 ? 'What it was begun with was taken back' : `${count} not done`;
  return [
    {
      kind: 'confirm',
      reason: 'out of order',
      phaseId: phase.id,
      stepId: step.id,
      text: `${why}. Run “${step.title}” all the same?`,
      details: [...left.map((one) => `not done: ${one.title}`), ...gone.map((name) => `no value any more: ${name}`)],
    },
  ];
}

function otherHost(run: Run, phase: Phase, step: Step, context: Context): readonly Question[] {
  if (step.host === undefined || context.hostsHere.includes(step.host)) return [];
  const place = step.host === phase.host ? { phaseId: phase.id } : { phaseId: phase.id, stepId: step.id };
  if (isConfirmed(run, 'other host', phase.id, place.stepId)) return [];
  const host = run.runbook.hosts.find((one) => one.id === step.host);
  const name = host?.about ?? step.host;
  return [
    {
      kind: 'confirm',
      reason: 'other host',
      ...place,
      text: `“${step.host === phase.host ? phase.title : step.title}” belongs on ${name}. This machine is ${context.hostName}. Run it here?`,
      details: [],
    },
  ];
}

function warnings(run: Run, phase: Phase, step: Step): readonly Question[] {
  const place = { phaseId: phase.id, stepId: step.id };
  const questions: Question[] = [];
  if (phase.danger && !isConfirmed(run, 'danger', phase.id)) {
    const text = `“${phase.title}” is dangerous. Type its name to begin it.`;
    questions.push({ kind: 'confirm', reason: 'danger', phaseId: phase.id, text, details: [], typed: phase.id });
  }
  if (step.danger) {
    const text = `“${step.title}” is dangerous. Type its name to run it.`;
    questions.push({ kind: 'confirm', reason: 'danger', ...place, text, details: [], typed: step.id });
  }
  if (step.irreversible !== undefined) {
    const text = `Point of no return: there is no way back from “${step.title}”. Run it?`;
    questions.push({ kind: 'confirm', reason: 'irreversible', ...place, text, details: [step.irreversible] });
  } else if (step.confirm && !step.danger) {
    questions.push({ kind: 'confirm', reason: 'confirm', ...place, text: `Run “${step.title}” now?`, details: [] });
  }
  return questions;
}
