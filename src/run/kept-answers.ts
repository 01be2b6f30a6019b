import type { ChecklistItem, Phase, Runbook } from '../definition/runbook.ts';
import type { Confirmation, Run } from './state.ts';

/**
 * What was confirmed and still counts by another definition: a gate was opened over what it asked about then, and a host was
 * passed over for the one that it named then.
 */
export function keptConfirmations(run: Run, now: Runbook): Run['confirmations'] {
  const same = new Set(
    run.runbook.phases
      .filter((was) => now.phases.some((is) => is.id === was.id && isSameGate(was, is)))
      .map((phase) => phase.id),
  );
  return run.confirmations.filter((given) => {
    if (given.reason === 'other host') return hostOf(run.runbook, given) === hostOf(now, given);
    return given.reason !== 'gate' || same.has(given.phaseId);
  });
}

/** The host that was asked about: a step's own, else its phase's. */
function hostOf({ phases }: Runbook, { phaseId, stepId }: Confirmation): string | undefined {
  const phase = phases.find((one) => one.id === phaseId);
  return stepId === undefined ? phase?.host : phase?.steps.find((one) => one.id === stepId)?.host;
}

/** What is known of the items that another definition asks in the same words, by the same command. */
export function keptItems(run: Run, now: Runbook): Run['items'] {
  const asked = new Set(now.phases.flatMap(itemsOf));
  const same = run.runbook.phases.flatMap((phase) => phase.checklist.filter((item) => asked.has(written(item))));
  return Object.fromEntries(same.flatMap(({ id }) => (run.items[id] ? [[id, run.items[id]]] : [])));
}

/** Whether the gate asks the same, about the same steps and items; their order aside. */
function isSameGate(was: Phase, is: Phase): boolean {
  return was.gate === is.gate && isSame(stepsOf(was), stepsOf(is)) && isSame(itemsOf(was), itemsOf(is));
}

function stepsOf({ steps }: Phase): readonly string[] {
  return steps.map((step) => step.id);
}

function itemsOf({ checklist }: Phase): readonly string[] {
  return checklist.map(written);
}

function written({ id, text, run }: ChecklistItem): string {
  return JSON.stringify([id, text, run]);
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}
