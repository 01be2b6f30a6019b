import type { RollbackItem, RollbackPlan } from '../run/event.ts';
import { encodedSecretsOf, planQuestion, planRestore } from '../run/plan.ts';
import { asRecorded } from '../run/recorded-values.ts';
import { stepById } from '../run/select.ts';
import type { Run } from '../run/state.ts';
import type { RunnerSecrets } from '../runner/spec.ts';
import type { UndoOutlook } from './api.ts';
import type { EngineParts } from './parts.ts';
import type { ProbeAnswer } from './ports.ts';

type Asking = { readonly run: Run; readonly parts: EngineParts; readonly secrets: RunnerSecrets };

/** Asks every item of a plan, in its order, whether it can still work. Changes nothing. */
export function askOutlook(
  input: Asking & { readonly plan: RollbackPlan; readonly receive: (outlook: readonly UndoOutlook[]) => void },
): () => void {
  const { plan, receive } = input;
  const stop = new AbortController();
  let outlook = plan.items.map(
    (item): UndoOutlook => ({ itemId: item.id, kind: canBeAsked(item) ? 'asking' : 'not asked' }),
  );
  receive(outlook);
  const askAll = async () => {
    for (const item of plan.items.filter(canBeAsked)) {
      const answer = await askItem(input, item, stop.signal);
      if (stop.signal.aborted) return;
      const kind = answer.held ? 'can work' : "can't work";
      outlook = outlook.map((one) => (one.itemId === item.id ? { itemId: item.id, kind, found: answer.found } : one));
      receive(outlook);
    }
  };
  void askAll();
  return () => stop.abort();
}

function canBeAsked(item: RollbackItem): boolean {
  return item.work.kind === 'restore' || (item.work.kind === 'undo' && item.work.requires !== undefined);
}

async function askItem({ run, parts, secrets }: Asking, item: RollbackItem, signal: AbortSignal): Promise<ProbeAnswer> {
  const { work } = item;
  try {
    if (work.kind === 'restore')
      return await parts.edits.isAsLeft(planRestore(asRecorded(run, item), parts.place, work));
    if (work.kind !== 'undo' || work.requires === undefined) return { held: true, found: '' };
    return await parts.probes.ask({
      purpose: 'requires',
      ...planQuestion(run, parts.place, stepById(run, work.stepId), work.requires, item),
      secrets,
      ...encodedSecretsOf(run.runbook),
      timeoutMs: parts.limits.probeTimeoutMs,
      signal,
    });
  } catch (error) {
    return { held: false, found: error instanceof Error ? error.message : String(error) };
  }
}
