import type { EngineApi, UndoOutlook } from '../engine/api.ts';
import { harmlessLine } from '../live/harmless-text.ts';
import type { RollbackItem, RollbackPlan } from '../run/event.ts';
import { expandFor } from '../run/plan.ts';
import { undoCautions } from '../run/undo-caution.ts';

/** The plan of a rollback for a plain terminal: each undo in order with its command and whether it can still work now. */
export async function rollbackPlanLines(engine: EngineApi, plan: RollbackPlan): Promise<readonly string[]> {
  const run = engine.run();
  const outlook = await answersFor(engine, plan);
  const items = plan.items.flatMap((item, index) => [
    `${String(index + 1).padStart(3)}. ${harmlessLine(expandFor(run, item.title))}`,
    ...commandOf(item)
      .trim()
      .split('\n')
      .map((line) => `     ${line}`),
    ...undoCautions(run, item).map((text) => `     ⚠ ${harmlessLine(expandFor(run, text))}`),
    ...outlookLines(outlook.find((one) => one.itemId === item.id)),
  ]);
  const stays = plan.remaining.map((one) => harmlessLine(`  stays: ${expandFor(run, one.title)}: ${one.why}`));
  return [`Rollback of ${harmlessLine(run.runbook.title)}`, ...items, ...stays];
}

/** Waits until everything that can be asked was: each question has its own deadline. */
function answersFor(engine: EngineApi, plan: RollbackPlan): Promise<readonly UndoOutlook[]> {
  return new Promise((resolve) => {
    engine.askOutlook(plan, (outlook) => {
      if (outlook.every(({ kind }) => kind !== 'asking')) resolve(outlook);
    });
  });
}

function commandOf({ work }: RollbackItem): string {
  switch (work.kind) {
    case 'undo':
      return work.script;
    case 'restore':
      return 'put the file back as it was';
    case 'plan':
      return 'script' in work.step.action ? work.step.action.script : work.step.action.kind;
    default:
      return work satisfies never;
  }
}

function outlookLines(outlook: UndoOutlook | undefined): readonly string[] {
  switch (outlook?.kind) {
    case 'can work':
      return [`     ✔ can still work${outlook.found === '' ? '' : `: ${harmlessLine(outlook.found)}`}`];
    case "can't work":
      return [`     ✖ can't work now: ${harmlessLine(outlook.found)}`];
    default:
      return [];
  }
}
