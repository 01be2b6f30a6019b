import type { RollbackItem } from './event.ts';
import { startsSinceUndone } from './rollback.ts';
import { phaseById } from './select.ts';
import type { Run } from './state.ts';

/**
 * The run with the values that an undo goes by: those its steps were begun with. What was typed counts as it was at their
 * last start, which may have been a correction; what was captured counts as it was before their first, since a later
 * capture may have seen what they had changed. What came only after that counts as it is.
 */
export function asRecorded(run: Run, { work, phaseId }: RollbackItem): Run {
  const stepIds =
    work.kind === 'plan'
      ? phaseById(run, phaseId).steps.flatMap((step) => (step.readonly ? [] : [step.id]))
      : [work.stepId];
  const starts = stepIds
    .flatMap((id) => startsSinceUndone(run, id))
    .toSorted((one, other) => one.number - other.number);
  const captured = new Set(run.runbook.phases.flatMap((phase) => phase.steps.flatMap((step) => step.capture ?? [])));
  const typed = Object.entries(starts.at(-1)?.values ?? {}).filter(([name]) => !captured.has(name));
  const seen = Object.entries(starts[0]?.values ?? {}).filter(([name]) => captured.has(name));
  return { ...run, values: { ...run.values, ...Object.fromEntries([...typed, ...seen]) } };
}
