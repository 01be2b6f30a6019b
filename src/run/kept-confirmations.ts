import type { Phase, Runbook } from '../definition/runbook.ts';
import type { Run } from './state.ts';

/** What was confirmed and still counts by another definition: a gate was opened over what it asked about then. */
export function keptConfirmations(run: Run, now: Runbook): Run['confirmations'] {
  const same = new Set(
    run.runbook.phases
      .filter((was) => now.phases.some((is) => is.id === was.id && isSameGate(was, is)))
      .map((phase) => phase.id),
  );
  return run.confirmations.filter(({ reason, phaseId }) => reason !== 'gate' || same.has(phaseId));
}

/** Whether the gate asks the same, about the same steps and items; their order aside. */
function isSameGate(was: Phase, is: Phase): boolean {
  return was.gate === is.gate && isSame(stepsOf(was), stepsOf(is)) && isSame(itemsOf(was), itemsOf(is));
}

function stepsOf({ steps }: Phase): readonly string[] {
  return steps.map((step) => step.id);
}

function itemsOf({ checklist }: Phase): readonly string[] {
  return checklist.map(({ id, text, run }) => JSON.stringify([id, text, run]));
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}
