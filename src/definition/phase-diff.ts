import { fieldChanges } from './field-changes.ts';
import type { ChecklistItem, Phase, Runbook } from './runbook.ts';

/** How what is asked about a phase differs between two editions; its steps are told by themselves. */
export type PhaseDifference = {
  readonly phaseId: string;
  readonly title: string;
  /** One line each: the field or the item, before and after. */
  readonly changes: readonly string[];
};

type Asked = Pick<Phase, 'gate' | 'danger' | 'checklist'>;

const nothing: Asked = { danger: false, checklist: [] };

/** Compares what two editions ask about each phase, matched by id: in the new edition's order, removed phases last. */
export function diffPhases(old: Runbook, now: Runbook): readonly PhaseDifference[] {
  const before = new Map(old.phases.map((phase) => [phase.id, phase]));
  const after = new Set(now.phases.map((phase) => phase.id));
  const pairs = [
    ...now.phases.map((phase) => ({ phase, was: before.get(phase.id) ?? nothing, is: phase })),
    ...old.phases.filter(({ id }) => !after.has(id)).map((phase) => ({ phase, was: phase, is: nothing })),
  ];
  return pairs.flatMap(({ phase: { id, title }, was, is }) => {
    const changes = [...fieldChanges(asked(was), asked(is)), ...itemChanges(was.checklist, is.checklist)];
    return changes.length === 0 ? [] : [{ phaseId: id, title, changes }];
  });
}

function asked({ gate, danger }: Asked): object {
  return { gate, danger };
}

function itemChanges(old: readonly ChecklistItem[], now: readonly ChecklistItem[]): readonly string[] {
  const before = new Map(old.map((item) => [item.id, item]));
  const after = new Set(now.map((item) => item.id));
  return [
    ...now.flatMap((item) => {
      const was = before.get(item.id);
      return was === undefined
        ? [`item ${item.id} added: ${item.text}`]
        : fieldChanges(was, item).map((change) => `item ${item.id}, ${change}`);
    }),
    ...old.filter(({ id }) => !after.has(id)).map((item) => `item ${item.id} removed: ${item.text}`),
  ];
}
