import type { Phase, Runbook, Step } from '../definition/runbook.ts';
import { expandFor } from './plan.ts';
import { mayStand } from './rollback.ts';
import type { Run } from './state.ts';

type Placed = { readonly step: Step; readonly phase: Phase };

/**
 * Why a changed definition can't be adopted now: a step that may have changed something is not in it, or stands in it so
 * that a rollback would pass it over and say all the same that everything is undone. Undefined: it can.
 */
export function whyNotAdopt(run: Run, changed: Runbook): string | undefined {
  const now = new Map(placedIn(changed).map((one) => [one.step.id, one]));
  const standing = placedIn(run.runbook).filter(({ step }) => !step.readonly && mayStand(run, step.id));
  const name = ({ step }: Placed) => `“${expandFor(run, step.title)}” (${step.id})`;
  const lost = standing.filter(({ step }) => !now.has(step.id)).map(name);
  const passedOver = standing.flatMap((was) => {
    const is = now.get(was.step.id);
    const why = is && whyPassedOver(was, is);
    return why === undefined ? [] : [`${name(was)} is ${why}`];
  });
  const why = [
    ...(lost.length === 0
      ? []
      : [`Without ${lost.join(', ')} its way back would be lost: keep the id in the file, or roll it back first: r.`]),
    ...(passedOver.length === 0
      ? []
      : [
          `A rollback would pass over what was done: ${passedOver.join(', ')}. Keep it as it was in the file, or roll it back first: r.`,
        ]),
  ];
  return why.length === 0 ? undefined : why.join(' ');
}

function placedIn(runbook: Runbook): readonly Placed[] {
  return runbook.phases.flatMap((phase) => phase.steps.map((step): Placed => ({ step, phase })));
}

/** Why nothing would be undone of what a step did, and nothing said of it; undefined: it would. */
function whyPassedOver(was: Placed, is: Placed): string | undefined {
  if (is.step.readonly) return 'readonly there';
  // Only an attempt that edited has the text from before; only an edit puts it back.
  if (isEdit(is) && !isEdit(was)) return 'an edit there, and was none when it ran';
  if (isEdit(was) && !isEdit(is)) return 'no edit there any more';
  if (isBareService(is) && !isBareService(was)) return 'a service without an undo there';
  return undefined;
}

function isEdit({ step }: Placed): boolean {
  return step.action.kind === 'edit';
}

/** A service that nothing but its stop takes back. */
function isBareService({ step, phase }: Placed): boolean {
  return step.action.kind === 'service' && step.undo === undefined && phase.rollback === undefined;
}
