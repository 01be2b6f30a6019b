import type { RollbackPlan } from '../../run/event.ts';
import type { Question } from '../../run/intent.ts';
import { dangerousPhases } from '../../run/rollback.ts';
import { type Effect, send, view } from '../effects.ts';
import type { Binding } from '../keymap.ts';
import type { Scene } from '../scene.ts';
import { fresh } from './overlay-keys.ts';

/** Keys of the rollback plan. */
export const rollbackKeys: readonly Binding[] = [
  {
    keys: ['enter'],
    when: ['plan'],
    label: 'START THE ROLLBACK',
    about: 'start the rollback as it stands on the screen',
    footer: 1,
    whyNot: planRefusal,
    act: startRollback,
  },
  {
    keys: ['tab', 'shift-tab'],
    when: ['plan'],
    label: (scene) => (isWhole(scene) ? 'only the phase' : 'whole run'),
    about: 'the whole run, or the phase alone',
    footer: 2,
    act: widen,
  },
];

function isWhole(scene: Scene): boolean {
  return scene.top?.overlay.kind === 'rollback plan' && scene.top.overlay.scope.kind === 'run';
}

/** Why the plan on the screen can't be carried out. */
export function planRefusal(scene: Scene): string | undefined {
  const plan = scene.live.plan;
  const overlay = scene.top?.overlay;
  const wanted = overlay?.kind === 'rollback plan' ? overlay.scope : undefined;
  const isShown = JSON.stringify(plan?.scope) === JSON.stringify(wanted);
  if (plan === undefined || !isShown) return 'The plan is not there yet.';
  const typed = dangerousPhases(scene.run, plan).map(({ id }) => id);
  const intent = { type: 'start rollback', plan, accepted: 'person', note: 'asked for next', typed } as const;
  return (isEmpty(plan) ? nothingStarted : undefined) ?? scene.engine.refusal(intent);
}

/** What stands in a plan that has nothing to take back. */
export const nothingStarted = 'Nothing was started here: there is nothing to roll back.';

/** Nothing was started, or nothing of it is left. */
export function isEmpty(plan: RollbackPlan): boolean {
  return plan.items.length === 0 && plan.stepIds.length === 0 && plan.remaining.length === 0;
}

function startRollback(scene: Scene): readonly Effect[] {
  const plan = scene.live.plan;
  if (plan === undefined) return [];
  if (plan.scope.kind === 'step') {
    const purpose = { kind: 'undo step', plan } as const;
    return fresh(scene, [view({ type: 'open', overlay: { kind: 'field', purpose }, burst: scene.burst })]);
  }
  const intent = { type: 'start rollback', plan, accepted: 'person' } as const;
  const questions = dangerousPhases(scene.run, plan).map(
    ({ id, title }): Question => ({
      kind: 'confirm',
      reason: 'danger',
      phaseId: id,
      text: `“${title}” is dangerous. Roll it back?`,
      details: [],
      typed: id,
    }),
  );
  if (questions.length === 0) return fresh(scene, [send(intent)]);
  const overlay = { kind: 'questions', intent, questions, answers: [] } as const;
  return fresh(scene, [view({ type: 'open', overlay, burst: scene.burst })]);
}

function widen(scene: Scene): readonly Effect[] {
  const overlay = scene.top?.overlay;
  if (overlay?.kind !== 'rollback plan') return [];
  const scope = overlay.scope.kind === 'run' ? overlay.narrow : ({ kind: 'run' } as const);
  return [view({ type: 'replace', overlay: { ...overlay, scope }, burst: scene.burst })];
}
