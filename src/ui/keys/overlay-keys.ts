import type { Intent } from '../../run/intent.ts';
import { type Effect, refuse, send, view } from '../effects.ts';
import type { Binding, Context } from '../keymap.ts';
import { type Scene, selectedUndo } from '../scene.ts';
import type { FieldEdit } from '../text-field.ts';
import { type OverlayFrame, openQuestion, type YesNo } from '../view-state.ts';
import { answerQuestion } from './questions.ts';
import { submitField } from './submit-field.ts';

const beingRecorded = 'It is being recorded: wait until that is done.';

const scrolled: readonly Context[] = ['reading', 'definition', 'plan'];
const listed: readonly Context[] = ['checklist', 'variables', 'log sources', 'log start', 'unknown', 'rollback'];

/** Keys of what lies over the panes. */
export const overlayKeys: readonly Binding[] = [
  {
    keys: ['up', 'down', 'k', 'j'],
    pair: true,
    when: scrolled,
    label: 'scroll',
    about: 'one line up, down',
    footer: 0,
    act: (scene, key) => moveBy(scene, key === 'up' || key === 'k' ? -1 : 1),
  },
  {
    keys: ['up', 'down', 'k', 'j'],
    pair: true,
    when: listed,
    label: 'select',
    about: 'the row before, after',
    footer: 0,
    act: (scene, key) => moveBy(scene, key === 'up' || key === 'k' ? -1 : 1),
  },
  {
    keys: ['pageup', 'pagedown', 'home', 'end'],
    when: [...scrolled, 'checklist', 'variables', 'log sources', 'log start', 'unknown'],
    label: 'page',
    about: 'a page up, a page down, the beginning, the end',
    act: (scene, key) => movePage(scene, key),
  },
  {
    keys: ['space', 'enter'],
    when: ['checklist'],
    label: 'tick',
    about: 'tick or untick the item',
    footer: 1,
    act: tickSelected,
  },
  {
    keys: ['enter'],
    when: ['variables'],
    label: 'change',
    about: 'change the variable, or give the secret',
    footer: 1,
    act: changeVariable,
  },
  {
    keys: ['y', 'enter'],
    when: ['confirm'],
    label: 'yes',
    about: 'yes; Enter too, where it is not what opened the question',
    footer: 0,
    act: (scene, key) =>
      key === 'enter' && isOpenedByEnter(scene)
        ? [refuse('Enter has opened this question; y says yes.')]
        : confirmed(scene),
  },
  {
    keys: ['x'],
    when: ['confirm'],
    label: 'stop',
    about: 'a second x stops as well',
    act: (scene) =>
      yesNoOf(scene)?.kind === 'stop step' || yesNoOf(scene)?.kind === 'stop undo' ? confirmed(scene) : [],
  },
  {
    keys: ['q'],
    when: ['confirm'],
    label: 'leave',
    about: 'a second q leaves as well',
    act: (scene) => (yesNoOf(scene)?.kind === 'leave' ? confirmed(scene) : [view({ type: 'close' })]),
  },
  {
    keys: ['escape', 'n'],
    when: ['confirm'],
    label: 'no',
    about: 'no; nothing happens',
    footer: 1,
    act: () => [view({ type: 'close' })],
  },
  { keys: ['enter'], when: ['field'], label: 'accept', about: 'accept the text', footer: 0, act: submit },
  {
    keys: ['escape'],
    when: ['field'],
    label: 'cancel',
    about: 'cancel; nothing happens',
    footer: 1,
    act: (scene) => (scene.top?.isSent ? [refuse(beingRecorded)] : [view({ type: 'close' })]),
  },
  ...fieldEdits(),
  {
    keys: ['s'],
    when: ['definition'],
    label: 'stay',
    about: 'stay with the definition as it stood when the run began',
    footer: 1,
    act: (scene) => fresh(scene, [view({ type: 'close' }), { type: 'answer definition', choice: 'stay' }]),
  },
  {
    keys: ['a'],
    when: ['definition'],
    label: 'adopt',
    about: 'adopt the changed definition; steps are matched by id',
    footer: 2,
    act: (scene) => fresh(scene, [view({ type: 'close' }), { type: 'answer definition', choice: 'adopt' }]),
  },
  {
    keys: ['escape', 'q', 'enter'],
    when: ['reading'],
    label: 'close',
    about: 'close',
    footer: 1,
    act: () => [view({ type: 'close' })],
  },
  {
    keys: ['escape', 'q'],
    when: ['definition', 'checklist', 'variables', 'log sources', 'log start', 'unknown', 'plan', 'rollback'],
    label: 'close',
    about: 'close; nothing happens',
    footer: 5,
    act: () => [view({ type: 'close' })],
  },
];

/** Only a key of another burst than the one that opened the dialog, or closed one above it, counts. */
export function fresh(scene: Scene, effects: readonly Effect[]): readonly Effect[] {
  const isOfTheSame = scene.top?.burst === scene.burst || scene.view.ranIn === scene.burst;
  return scene.top === undefined || isOfTheSame ? [] : effects;
}

function moveBy(scene: Scene, by: number): readonly Effect[] {
  const top = scene.top;
  const at = top?.overlay.kind === 'rollback' ? selectedUndo(scene.run, top.at) : (top?.at ?? 0);
  const from = Math.min(at, scene.reach.overlay);
  return [view({ type: 'at', at: Math.min(from + by, scene.reach.overlay) })];
}

function movePage(scene: Scene, key: string): readonly Effect[] {
  switch (key) {
    case 'pageup':
      return moveBy(scene, -10);
    case 'pagedown':
      return moveBy(scene, 10);
    case 'home':
      return [view({ type: 'at', at: 0 })];
    default:
      return [view({ type: 'at', at: scene.reach.overlay })];
  }
}

function tickSelected(scene: Scene): readonly Effect[] {
  const item = scene.run.runbook.phases.flatMap((phase) => phase.checklist)[scene.top?.at ?? 0];
  if (item === undefined) return [];
  const intent: Intent = { type: 'tick item', itemId: item.id, accepted: 'person' };
  const why = scene.engine.refusal(intent);
  return why === undefined ? fresh(scene, [send(intent)]) : [refuse(why)];
}

function changeVariable(scene: Scene): readonly Effect[] {
  const variable = scene.run.runbook.vars[scene.top?.at ?? 0];
  if (variable === undefined) return [];
  const text = variable.secret ? '' : (scene.run.values[variable.name] ?? '');
  const purpose = { kind: 'variable', name: variable.name, secret: variable.secret } as const;
  return [view({ type: 'open', overlay: { kind: 'field', purpose }, burst: scene.burst, text })];
}

function yesNoOf(scene: Scene): YesNo | undefined {
  return scene.top?.overlay.kind === 'yes or no' ? scene.top.overlay.about : undefined;
}

/** A held Enter must not say yes to what it has brought up itself; a question before this one ends with one too. */
function isOpenedByEnter(scene: Scene): boolean {
  const overlay = scene.top?.overlay;
  if (overlay?.kind === 'questions') return overlay.intent.type !== 'run on' || overlay.answers.length > 0;
  return overlay?.kind === 'yes or no' && overlay.about.kind === 'gate';
}

function confirmed(scene: Scene): readonly Effect[] {
  const overlay = scene.top?.overlay;
  if (overlay?.kind === 'questions') return fresh(scene, answerQuestion(scene, overlay, 'yes'));
  if (overlay?.kind !== 'yes or no') return [];
  return fresh(scene, [view({ type: 'close' }), yesEffect(overlay.about)]);
}

function yesEffect(about: YesNo): Effect {
  switch (about.kind) {
    case 'stop step':
      return send({ type: 'stop step', stepId: about.stepId });
    case 'stop undo':
      return send({ type: 'stop undo', itemId: about.itemId });
    case 'gate':
      return send({ type: 'open gate', phaseId: about.phaseId, said: 'yes', accepted: 'person' });
    case 'leave':
      return { type: 'leave' };
    case 'take over':
      return { type: 'take over', from: about.from };
    default:
      return about satisfies never;
  }
}

function submit(scene: Scene): readonly Effect[] {
  const top: OverlayFrame | undefined = scene.top;
  if (top === undefined) return [];
  if (top.isSent) return [refuse(beingRecorded)];
  if (top.overlay.kind === 'questions') {
    const question = openQuestion(top.overlay);
    const typed = question?.kind === 'confirm' ? question.typed : undefined;
    if (typed !== undefined && top.field.text.trim() !== typed) {
      return [refuse(`Type “${typed}” exactly, or leave with Esc.`)];
    }
    if (typed !== undefined && scene.view.editedIn === scene.burst)
      return [refuse('That came all at once, as a paste does. Press Enter to confirm it.')];
    return fresh(scene, answerQuestion(scene, top.overlay, top.field.text));
  }
  return top.overlay.kind === 'field'
    ? fresh(scene, submitField(top.overlay.purpose, top.field.text, scene.burst))
    : [];
}

function fieldEdits(): readonly Binding[] {
  const edits: readonly (readonly [string, string, FieldEdit])[] = [
    ['backspace', 'erase the character before', { kind: 'erase before' }],
    ['delete', 'erase the character under the cursor', { kind: 'erase after' }],
    ['left', 'a character back', { kind: 'left' }],
    ['right', 'a character on', { kind: 'right' }],
    ['home', 'the beginning of the text', { kind: 'start' }],
    ['end', 'the end of the text', { kind: 'end' }],
    ['ctrl-u', 'erase all', { kind: 'erase all' }],
    ['ctrl-w', 'erase the word before', { kind: 'erase word' }],
  ];
  return edits.map(([key, about, edit]) => ({
    keys: [key],
    when: ['field'],
    label: about,
    about,
    act: () => [view({ type: 'edit', edit })],
  }));
}
