import { fieldChanges } from './field-changes.ts';
import type { Runbook, Step } from './runbook.ts';

/** How one step of a definition differs between two editions. */
export type StepDifference = {
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  readonly stepId: string;
  /** The phase it is in now; for a removed step, the one it was in. */
  readonly phaseId: string;
  readonly title: string;
  /** What differs, one line each: the field, before and after; for a moved step, from where to where. */
  readonly changes: readonly string[];
};

/** Where it stands in the file says nothing about what a step does. */
const unread: readonly string[] = ['position'];

type Placed = { readonly step: Step; readonly phaseId: string; readonly list: 'steps' | 'rollback' };

/**
 * Compares two editions step by step, matched by id; rollback plans too. A step counts as moved when it is
 * in another phase or list, or its order among the steps that both editions have changed; one that moved
 * and changed is `changed` with both told. In the new edition's order, removed steps last.
 */
export function diffDefinitions(old: Runbook, now: Runbook): readonly StepDifference[] {
  const before = placed(old);
  const after = placed(now);
  const atHome = (id: string) => samePlace(before.get(id), after.get(id));
  const stayed = unmoved([...before.keys()].filter(atHome), [...after.keys()].filter(atHome));
  const differences: StepDifference[] = [];
  for (const [stepId, { step, phaseId, list }] of after) {
    const was = before.get(stepId);
    const base = { stepId, phaseId, title: step.title };
    if (was === undefined) {
      differences.push({ kind: 'added', ...base, changes: [] });
      continue;
    }
    const rehoused = !samePlace(was, { phaseId, list });
    const move = rehoused
      ? [`moved from ${place(was)} to ${place({ phaseId, list })}`]
      : stayed.has(stepId)
        ? []
        : [`moved within ${place(was)}`];
    const changes = fieldChanges(was.step, step, unread);
    if (changes.length > 0) differences.push({ kind: 'changed', ...base, changes: [...move, ...changes] });
    else if (move.length > 0) differences.push({ kind: 'moved', ...base, changes: move });
  }
  for (const [stepId, { step, phaseId }] of before) {
    if (!after.has(stepId)) differences.push({ kind: 'removed', stepId, phaseId, title: step.title, changes: [] });
  }
  return differences;
}

function placed(runbook: Runbook): Map<string, Placed> {
  const all = runbook.phases.flatMap(({ id: phaseId, steps, rollback = [] }) => [
    ...steps.map((step): Placed => ({ step, phaseId, list: 'steps' })),
    ...rollback.map((step): Placed => ({ step, phaseId, list: 'rollback' })),
  ]);
  return new Map(all.map((one) => [one.step.id, one]));
}

type House = Pick<Placed, 'phaseId' | 'list'>;

function samePlace(one: House | undefined, other: House | undefined): boolean {
  return one !== undefined && other !== undefined && one.phaseId === other.phaseId && one.list === other.list;
}

function place({ phaseId, list }: House): string {
  return list === 'steps' ? phaseId : `the rollback of ${phaseId}`;
}

/** Of ids in two orders, a largest set whose order did not change: the longest increasing run of old positions. */
function unmoved(before: readonly string[], after: readonly string[]): Set<string> {
  const old = new Map(before.map((id, index) => [id, index]));
  const tails: number[] = [];
  const previous: number[] = [];
  const position = (index: number | undefined) => (index === undefined ? -1 : (old.get(after[index] ?? '') ?? -1));
  for (const index of after.keys()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (position(tails[middle]) < position(index)) low = middle + 1;
      else high = middle;
    }
    previous.push(tails[low - 1] ?? -1);
    tails[low] = index;
  }
  const kept = new Set<string>();
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) kept.add(after[index] ?? '');
  return kept;
}
