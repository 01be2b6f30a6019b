import type { RollbackItem, RollbackPlan } from '../run/event.ts';
import { encodedSecretsOf, planQuestion, planRestore } from '../run/plan.ts';
import { stateOf, stepById } from '../run/select.ts';
import type { Run } from '../run/state.ts';
import type { RunnerSecrets } from '../runner/spec.ts';
import type { UndoOutlook, UnknownEvidence } from './api.ts';
import type { EngineParts } from './engine.ts';
import type { ProbeAnswer } from './ports.ts';

/** How many of an attempt's last lines are evidence. */
const LAST_LINES = 12;

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
      return await parts.edits.isAsLeft(planRestore(run, parts.place, work.stepId, work.attempt));
    if (work.kind !== 'undo' || work.requires === undefined) return { held: true, found: '' };
    return await ask({ run, parts, secrets }, 'requires', work.stepId, work.requires, signal);
  } catch (error) {
    return { held: false, found: error instanceof Error ? error.message : String(error) };
  }
}

function ask(
  { run, parts, secrets }: Asking,
  purpose: 'unless' | 'verify' | 'requires',
  stepId: string,
  script: string,
  signal?: AbortSignal,
): Promise<ProbeAnswer> {
  return parts.probes.ask({
    purpose,
    ...planQuestion(run, parts.place, stepById(run, stepId), script),
    secrets,
    ...encodedSecretsOf(run.runbook),
    timeoutMs: parts.limits.probeTimeoutMs,
    ...(signal ? { signal } : {}),
  });
}

/** What can be found out now about a step of which nobody knows how it ended. */
export async function unknownEvidence(
  input: Asking & { readonly stepId: string; readonly folder: (attempt: number) => string },
): Promise<UnknownEvidence> {
  const { run, parts, stepId, folder } = input;
  const state = stateOf(run, stepId);
  if (state.status !== 'unknown') return { process: 'its end is known', lastLines: [] };
  const step = stepById(run, stepId);
  const [found, lastLines, verify, unless] = await Promise.all([
    parts.runners.examine(folder(state.attempt)),
    parts.tails.lastLines(folder(state.attempt), LAST_LINES),
    step.verify === undefined ? undefined : ask(input, 'verify', stepId, step.verify),
    step.unless === undefined ? undefined : ask(input, 'unless', stepId, step.unless.script),
  ]);
  const process =
    found.kind === 'lost'
      ? `${found.why}; its command is ${found.command === 'unknown' ? 'not to be seen from here' : found.command}`
      : `the runner says: ${found.kind}`;
  return { process, lastLines, ...(verify ? { verify } : {}), ...(unless ? { unless } : {}) };
}
