import type { Effect } from './effects.ts';
import { bodyKeys } from './keys/body-keys.ts';
import { deskKeys } from './keys/desk-keys.ts';
import { everywhereKeys } from './keys/everywhere-keys.ts';
import { monitorKeys } from './keys/monitor-keys.ts';
import { overlayKeys } from './keys/overlay-keys.ts';
import { rollbackKeys } from './keys/rollback-keys.ts';
import { runKeys } from './keys/run-keys.ts';
import { unknownKeys } from './keys/unknown-keys.ts';
import type { Scene } from './scene.ts';
import { graphemesOf } from './spans.ts';
import { openQuestion } from './view-state.ts';

/** Who has the keys. */
export type Context =
  | 'phases'
  | 'steps'
  | 'output'
  | 'containers'
  | 'logs'
  | 'reading'
  | 'definition'
  | 'checklist'
  | 'variables'
  | 'log sources'
  | 'log start'
  | 'field'
  | 'confirm'
  | 'plan'
  | 'rollback'
  | 'unknown';

/** One key, or several with the same meaning: the only place where a key is defined. */
export type Binding = {
  /** Names as `keyName` gives them; help shows all, the footer the first, or the first two where `pair` is set. */
  readonly keys: readonly string[];
  readonly pair?: boolean;
  readonly when: readonly Context[];
  /** A word or two for the footer; a function where it depends on what is selected. */
  readonly label: string | ((scene: Scene) => string);
  /** A phrase for help and README. */
  readonly about: string;
  /** Place in the footer, 0 first; absent: not in the footer. The larger ones go first where there is no room. */
  readonly footer?: number;
  /** Why it can't be used now, as a sentence; undefined: it can. */
  readonly whyNot?: (scene: Scene) => string | undefined;
  readonly act: (scene: Scene, key: string) => readonly Effect[];
};

/** Every key of the screen. */
export const keymap: readonly Binding[] = [
  ...runKeys,
  ...bodyKeys,
  ...monitorKeys,
  ...overlayKeys,
  ...rollbackKeys,
  ...deskKeys,
  ...unknownKeys,
  ...everywhereKeys,
];

/** Who has the keys now. */
export function contextOf(scene: Scene): Context {
  const overlay = scene.top?.overlay;
  if (overlay === undefined) return scene.view.focus;
  switch (overlay.kind) {
    case 'help':
    case 'info':
    case 'away':
      return 'reading';
    case 'definition':
    case 'checklist':
    case 'variables':
    case 'log sources':
    case 'log start':
    case 'rollback':
    case 'unknown':
    case 'field':
      return overlay.kind;
    case 'rollback plan':
      return 'plan';
    case 'yes or no':
      return 'confirm';
    case 'questions': {
      const question = openQuestion(overlay);
      return question?.kind === 'variable' || question?.typed !== undefined ? 'field' : 'confirm';
    }
    default:
      return overlay satisfies never;
  }
}

/** What a key does now; nothing where it means nothing here. */
export function effectsOfKey(scene: Scene, key: string): readonly Effect[] {
  const context = contextOf(scene);
  const binding = keymap.find((candidate) => candidate.when.includes(context) && candidate.keys.includes(key));
  if (binding === undefined) return textEffects(context, key);
  const why = binding.whyNot?.(scene);
  if (why !== undefined) return [{ type: 'view', action: { type: 'say', text: why, tone: 'refused' } }];
  return binding.act(scene, key);
}

/** Whether typed characters are text now. */
export function takesText(context: Context): boolean {
  return context === 'field';
}

function textEffects(context: Context, key: string): readonly Effect[] {
  if (!takesText(context)) return [];
  const text = key === 'space' ? ' ' : key;
  if (graphemesOf(text).length !== 1) return [];
  return [{ type: 'view', action: { type: 'edit', edit: { kind: 'insert', text } } }];
}
