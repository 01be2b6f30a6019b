import type { UndoChoice } from '../../run/event.ts';
import type { Intent } from '../../run/intent.ts';
import { activeRollback } from '../../run/select.ts';
import type { UndoState } from '../../run/state.ts';
import { type Effect, send, view } from '../effects.ts';
import type { Binding } from '../keymap.ts';
import { rollbackShown, type Scene, selectedUndo, takesInput } from '../scene.ts';
import type { ScrollCommand } from '../screen-ports.ts';
import { fresh } from './overlay-keys.ts';

/** Keys of a rollback that goes on, or was stopped by an undo that failed. */
export const deskKeys: readonly Binding[] = [
  {
    keys: ['enter'],
    when: ['rollback'],
    label: goOnLabel,
    about: 'retry the undo that failed; run one again that is unknown, with a note; go on with an interrupted rollback',
    footer: 1,
    whyNot: (scene) => deskRefusal(scene, goOnIntent(scene), 'The rollback is over.'),
    act: goOn,
  },
  {
    keys: ['d'],
    when: ['rollback'],
    label: 'mark done',
    about: 'mark an undo that failed or is unknown as done, with a note',
    footer: 2,
    whyNot: (scene) =>
      deskRefusal(scene, resolution(scene, 'marked done'), 'Only an undo that failed can be marked done.'),
    act: (scene) => askWhy(scene, 'marked done'),
  },
  {
    keys: ['s'],
    when: ['rollback'],
    label: 'skip',
    about: 'skip an undo that failed or is unknown, with a reason',
    footer: 3,
    whyNot: (scene) => deskRefusal(scene, resolution(scene, 'skipped'), 'Only an undo that failed can be skipped.'),
    act: (scene) => askWhy(scene, 'skipped'),
  },
  {
    keys: ['space'],
    when: ['rollback'],
    label: 'done by hand',
    about: 'finish a manual undo',
    footer: 4,
    whyNot: (scene) => deskRefusal(scene, manualIntent(scene), 'Only a manual undo is finished by hand.'),
    act: (scene) => deskSend(scene, manualIntent(scene)),
  },
  {
    keys: ['x'],
    when: ['rollback'],
    label: 'stop',
    about: 'stop the undo that runs (asks first)',
    footer: 6,
    whyNot: (scene) => {
      const itemId = runningUndo(scene);
      return itemId === undefined ? 'No undo runs.' : scene.engine.refusal({ type: 'stop undo', itemId });
    },
    act: (scene) => {
      const itemId = runningUndo(scene);
      return itemId === undefined
        ? []
        : [
            view({
              type: 'open',
              overlay: { kind: 'yes or no', about: { kind: 'stop undo', itemId } },
              burst: scene.burst,
            }),
          ];
    },
  },
  {
    keys: ['tab'],
    when: ['rollback'],
    label: 'type',
    about: 'type into the undo that runs (Ctrl-G ends it)',
    footer: 6.2,
    whyNot: (scene) =>
      scene.shown !== undefined && takesInput(scene.run, scene.shown)
        ? undefined
        : 'Nothing runs here that could be typed into.',
    act: (scene) => (scene.shown === undefined ? [] : [view({ type: 'typing', attempt: scene.shown.number })]),
  },
  scrolling('pageup', 'a page up in its output, or in what a person has to do', { kind: 'pages', by: -1 }),
  scrolling('pagedown', 'a page down in its output, or in what a person has to do', { kind: 'pages', by: 1 }),
  scrolling('home', 'the beginning of its output, or of what a person has to do', { kind: 'start' }),
  scrolling('end', 'the end of its output, and follow it again, or of what a person has to do', { kind: 'end' }),
  {
    keys: ['g'],
    when: ['rollback'],
    label: 'give up',
    about: 'give the rollback up, with a note; steps can be run again',
    footer: 7,
    whyNot: (scene) => scene.engine.refusal({ type: 'give up rollback', note: 'asked for next' }),
    act: (scene) => [
      view({ type: 'open', overlay: { kind: 'field', purpose: { kind: 'give up' } }, burst: scene.burst }),
    ],
  },
];

function scrolling(key: string, about: string, command: ScrollCommand): Binding {
  return { keys: [key], when: ['rollback'], label: 'scroll', about, act: (scene) => scroll(scene, command) };
}

/** Its output where it prints, else what is said of it. */
function scroll(scene: Scene, command: ScrollCommand): readonly Effect[] {
  if (scene.shown !== undefined) return [{ type: 'scroll', command }];
  const row = selectedUndo(scene.run, scene.top?.at ?? -1);
  const last = scene.reach.about;
  const at = scene.top?.about?.row === row ? Math.min(scene.top.about.at, last) : 0;
  const to = { lines: at, pages: at + (command.kind === 'pages' ? command.by * 5 : 0), start: 0, end: last };
  return [view({ type: 'about at', row, at: Math.min(to[command.kind], last) })];
}

function undoState(scene: Scene): UndoState | undefined {
  const rollback = rollbackShown(scene.run);
  const item = rollback?.plan.items[selectedUndo(scene.run, scene.top?.at ?? -1)];
  return item === undefined ? undefined : rollback?.items[item.id];
}

function selectedItemId(scene: Scene): string | undefined {
  return activeRollback(scene.run)?.plan.items[selectedUndo(scene.run, scene.top?.at ?? -1)]?.id;
}

function runningUndo(scene: Scene): string | undefined {
  const rollback = activeRollback(scene.run);
  return rollback?.plan.items.find((item) => rollback.items[item.id]?.status === 'running')?.id;
}

function goOnIntent(scene: Scene): Intent | undefined {
  const itemId = selectedItemId(scene);
  if (itemId === undefined) return undefined;
  const status = undoState(scene)?.status;
  if (status === 'unknown') return { type: 'retry undo', itemId, note: 'asked for next' };
  return status === 'failed' ? { type: 'retry undo', itemId } : { type: 'resume rollback' };
}

function goOnLabel(scene: Scene): string {
  switch (undoState(scene)?.status) {
    case 'failed':
      return 'retry';
    case 'unknown':
      return 'run it again';
    default:
      return 'go on';
  }
}

/** What nobody knows the end of is not run again without a word on why. */
function goOn(scene: Scene): readonly Effect[] {
  const itemId = selectedItemId(scene);
  if (undoState(scene)?.status !== 'unknown' || itemId === undefined) return deskSend(scene, goOnIntent(scene));
  return fresh(scene, askWhy(scene, 'run again'));
}

function manualIntent(scene: Scene): Intent | undefined {
  const itemId = selectedItemId(scene);
  const work = activeRollback(scene.run)?.plan.items.find((item) => item.id === itemId)?.work;
  const isManual = work?.kind === 'plan' && work.step.action.kind === 'manual';
  return itemId === undefined || !isManual
    ? undefined
    : { type: 'finish manual undo', itemId, note: '', accepted: 'person' };
}

function resolution(scene: Scene, choice: 'marked done' | 'skipped'): Intent | undefined {
  const itemId = selectedItemId(scene);
  return itemId === undefined ? undefined : { type: 'resolve undo', itemId, choice, note: 'asked for next' };
}

function deskRefusal(scene: Scene, intent: Intent | undefined, none: string): string | undefined {
  return intent === undefined ? none : scene.engine.refusal(intent);
}

function deskSend(scene: Scene, intent: Intent | undefined): readonly Effect[] {
  // A held Enter must not try an undo again and again.
  return intent === undefined ? [] : fresh(scene, [view({ type: 'ran', burst: scene.burst }), send(intent)]);
}

function askWhy(scene: Scene, choice: UndoChoice): readonly Effect[] {
  const itemId = selectedItemId(scene);
  if (itemId === undefined) return [];
  const purpose = { kind: 'undo', itemId, choice } as const;
  return [view({ type: 'open', overlay: { kind: 'field', purpose }, burst: scene.burst })];
}
