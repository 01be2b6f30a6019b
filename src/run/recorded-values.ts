import type { RollbackItem } from './event.ts';
import { startsSinceUndone } from './rollback.ts';
import { phaseById, stepsOf } from './select.ts';
import type { Run } from './state.ts';

/**
 * The run with the values that an undo goes by: those its steps were begun with. What was typed counts as it was at their
 * last start, which may have been a correction; what was captured counts as it was before their first, since a later
 * capture may have seen what they had changed. What came only after that counts as it was captured last.
 */
export function asRecorded(run: Run, { work, phaseId }: RollbackItem): Run {
  const stepIds =
    work.kind === 'plan'
      ? phaseById(run, phaseId).steps.flatMap((step) => (step.readonly ? [] : [step.id]))
      : [work.stepId];
  const starts = stepIds
    .flatMap((id) => startsSinceUndone(run, id))
    .toSorted((one, other) => one.number - other.number);
  const first = starts[0];
  const captured = new Set(run.runbook.phases.flatMap((phase) => phase.steps.flatMap((step) => step.capture ?? [])));
  const typed = Object.entries(starts.at(-1)?.values ?? {}).filter(([name]) => !captured.has(name));
  const seen = Object.entries(first?.values ?? {}).filter(([name]) => captured.has(name));
  const since = first ? capturedFrom(run, first.number) : [];
  return { ...run, values: { ...run.values, ...Object.fromEntries([...since, ...typed, ...seen]) } };
}

/** What was captured from an attempt on, oldest first; also by steps that were taken back since. */
function capturedFrom(run: Run, first: number): readonly (readonly [string, string])[] {
  return run.attempts.slice(first - 1).flatMap(({ purpose, life }) => {
    if (purpose.kind !== 'step' || life.status !== 'ended' || life.result.captured === undefined) return [];
    const name = stepsOf(run).find(({ id }) => id === purpose.stepId)?.capture;
    return name === undefined ? [] : [[name, life.result.captured] as const];
  });
}
