import type { UnknownChoice } from '../../run/event.ts';
import { stateOf } from '../../run/select.ts';
import { type Effect, refuse, view } from '../effects.ts';
import type { Binding } from '../keymap.ts';
import type { Scene } from '../scene.ts';
import { fresh } from './overlay-keys.ts';

/** What may become of an unknown step; `undo it` leads to the rollback plan. */
export const unknownChoices = ['adopt as done', 'run again', 'undo it', 'mark failed'] as const satisfies readonly (
  | UnknownChoice
  | 'undo it'
)[];

/** Keys of a step, or an undo, that nobody knows the end of. */
export const unknownKeys: readonly Binding[] = [
  {
    keys: ['enter'],
    when: ['unknown'],
    label: 'choose',
    about: 'choose what became of the step, with a note',
    footer: 1,
    act: chooseForUnknown,
  },
  {
    keys: ['l'],
    when: ['unknown', 'rollback'],
    label: 'look again',
    about: 'look again at what is left of it, and ask its verify and unless again',
    footer: 4.5,
    whyNot: (scene) => (scene.live.evidence === undefined ? 'Nothing here is unknown.' : undefined),
    act: () => [view({ type: 'look again' })],
  },
];

function chooseForUnknown(scene: Scene): readonly Effect[] {
  const overlay = scene.top?.overlay;
  const choice = unknownChoices[Math.min(scene.top?.at ?? 0, unknownChoices.length - 1)];
  if (overlay?.kind !== 'unknown' || choice === undefined) return [];
  if (stateOf(scene.run, overlay.stepId).status !== 'unknown')
    return [refuse('It is known by now how the step ended. Esc closes this.')];
  if (choice === 'undo it') {
    const scope = { kind: 'step', stepId: overlay.stepId } as const;
    return fresh(scene, [
      view({ type: 'replace', overlay: { kind: 'rollback plan', scope, narrow: scope }, burst: scene.burst }),
    ]);
  }
  const why = scene.engine.refusal({ type: 'resolve unknown', stepId: overlay.stepId, choice, note: 'asked for next' });
  if (why !== undefined) return [refuse(why)];
  const purpose = { kind: 'unknown', stepId: overlay.stepId, choice } as const;
  return fresh(scene, [view({ type: 'open', overlay: { kind: 'field', purpose }, burst: scene.burst })]);
}
