import type { Effect } from '../run/effect.ts';
import type { Completion } from '../run/intent.ts';
import {
  encodedSecretsOf,
  type Place,
  type PlannedQuestion,
  planItemQuestion,
  planQuestion,
  subjectOf,
} from '../run/plan.ts';
import { verifyOf } from '../run/reduce-rollback.ts';
import { attemptByNumber, itemById, stepById } from '../run/select.ts';
import type { Run } from '../run/state.ts';
import type { EngineParts } from './parts.ts';

/** Something that is to be asked of a command. */
export type AskEffect = Extract<Effect, { type: 'ask unless' | 'ask verify' | 'ask item' }>;

const purposes = { 'ask unless': 'unless', 'ask verify': 'verify', 'ask item': 'item' } as const;

/** Asks a question of the run and brings the answer back as what happened. */
export async function answerQuestion(input: {
  readonly run: Run;
  readonly parts: Pick<EngineParts, 'place' | 'probes' | 'limits'>;
  /** Values of all declared secrets, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly effect: AskEffect;
  /** Takes the question back. */
  readonly signal: AbortSignal;
}): Promise<Completion> {
  const { run, parts, secrets, effect, signal } = input;
  const answer = await parts.probes.ask({
    purpose: purposes[effect.type],
    ...questionFor(run, parts.place, effect),
    secrets,
    ...encodedSecretsOf(run.runbook),
    timeoutMs: parts.limits.probeTimeoutMs,
    signal,
  });
  switch (effect.type) {
    case 'ask unless':
      return { type: 'unless answered', stepId: effect.stepId, asked: effect.asked, answer };
    case 'ask verify':
      return { type: 'verify answered', attempt: effect.attempt, answer };
    case 'ask item':
      return { type: 'item answered', itemId: effect.itemId, asked: effect.asked, answer };
    default:
      return effect satisfies never;
  }
}

/** The command that answers a question, in the surroundings of what it is about. */
function questionFor(run: Run, place: Place, effect: AskEffect): PlannedQuestion {
  switch (effect.type) {
    case 'ask unless': {
      const step = stepById(run, effect.stepId);
      return planQuestion(run, place, step, step.unless?.script ?? 'false');
    }
    case 'ask verify': {
      const { purpose } = attemptByNumber(run, effect.attempt);
      const { step, item } = subjectOf(run, purpose);
      const script = purpose.kind === 'step' ? step.verify : verifyOf(run, purpose.rollback, purpose.itemId);
      return planQuestion(run, place, step, script ?? 'false', item);
    }
    case 'ask item': {
      const { item, phase } = itemById(run, effect.itemId);
      return planItemQuestion(run, place, phase.id, item.run ?? 'false');
    }
    default:
      return effect satisfies never;
  }
}
