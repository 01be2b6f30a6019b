import type { Step } from '../definition/runbook.ts';
import { doubtsBefore } from './advance-rollback.ts';
import type { RollbackItem } from './event.ts';
import type { Question } from './intent.ts';
import { attemptsInDoubt, stepIdOfAttempt } from './select.ts';
import type { Attempt, Rollback, Run } from './state.ts';

type Asking = Extract<Question, { kind: 'confirm' }>;

/**
 * What is asked before a step is begun of which an earlier attempt, or an undo, may still be running; empty: none may. Two
 * of what only asks do no harm.
 */
export function stillThere(run: Run, phaseId: string, step: Step): readonly Asking[] {
  if (step.action.kind === 'check' || step.action.kind === 'watch') return [];
  // A step of a phase's own plan takes back what any of its steps did.
  const left = attemptsInDoubt(run).filter(
    (attempt) => stepIdOfAttempt(run, attempt) === step.id || isOfPlan(run, attempt, phaseId),
  );
  return questionAbout(left, { phaseId, stepId: step.id, typed: step.id, title: step.title });
}

function isOfPlan(run: Run, { purpose }: Attempt, phaseId: string): boolean {
  if (purpose.kind !== 'undo') return false;
  const item = run.rollbacks[purpose.rollback - 1]?.plan.items.find(({ id }) => id === purpose.itemId);
  return item?.work.kind === 'plan' && item.phaseId === phaseId;
}

/** The same before a run is put aside, which the next one would be begun beside. */
export function stillThereInRun(run: Run): readonly Asking[] {
  const left = attemptsInDoubt(run);
  const [phase] = run.runbook.phases;
  if (left.length === 0 || phase === undefined) return [];
  const names = left.map((attempt) => `“${attempt.title}” (attempt ${attempt.number})`).join(' and ');
  const text = `${names} is not proven gone and may still be running. Put the run aside all the same?`;
  const details = ['The next run would begin beside it. End it first, or wait for its end.'];
  return [{ kind: 'confirm', reason: 'still there', phaseId: phase.id, typed: run.runbook.id, text, details }];
}

/** The same before an undo is run again. */
export function stillThereBeforeUndo(run: Run, rollback: Rollback, item: RollbackItem): readonly Asking[] {
  const left = doubtsBefore(run, rollback, item);
  const place = item.work.kind === 'plan' ? {} : { stepId: item.work.stepId };
  return questionAbout(left, { phaseId: item.phaseId, ...place, typed: item.id, title: item.title });
}

function questionAbout(
  left: readonly Attempt[],
  about: { readonly phaseId: string; readonly stepId?: string; readonly typed: string; readonly title: string },
): readonly Asking[] {
  if (left.length === 0) return [];
  const { title, ...place } = about;
  const names = left.map((attempt) => `“${attempt.title}” (attempt ${attempt.number})`).join(' and ');
  const text = `${names} is not proven gone and may still be running. Begin “${title}” beside it all the same?`;
  const details = ['Two at once can do harm. Esc leaves; end the other first, or wait for its end.'];
  return [{ kind: 'confirm', reason: 'still there', ...place, text, details }];
}
