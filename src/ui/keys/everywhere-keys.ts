import { activeRollback, runningAttempts } from '../../run/select.ts';
import { ask, type Effect, view } from '../effects.ts';
import type { Binding, Context } from '../keymap.ts';
import type { Scene } from '../scene.ts';
import { everyPane } from './contexts.ts';

const untyped: readonly Context[] = [
  ...everyPane,
  'reading',
  'definition',
  'checklist',
  'variables',
  'log sources',
  'log start',
  'confirm',
  'plan',
  'rollback',
  'unknown',
];

/** Keys that work on every screen. */
export const everywhereKeys: readonly Binding[] = [
  {
    keys: ['r', 'ctrl-r'],
    when: untyped,
    label: (scene) => (activeRollback(scene.run) === undefined ? 'ROLL BACK' : 'ROLLBACK'),
    about: 'the rollback plan of the phase, and of the whole run; changes nothing yet',
    footer: -1,
    act: rollBack,
  },
  {
    keys: ['ctrl-r'],
    when: ['field'],
    label: 'ROLL BACK',
    about: 'the rollback plan, from a text field too',
    footer: -1,
    act: rollBack,
  },
  {
    keys: ['?'],
    when: untyped.filter((context) => context !== 'reading'),
    label: 'keys',
    about: 'all keys',
    footer: 5.8,
    act: (scene) => [view({ type: 'open', overlay: { kind: 'help' }, burst: scene.burst })],
  },
  {
    keys: ['T'],
    when: everyPane,
    label: 'take over',
    about: 'take the run over from the screen that holds it',
    whyNot: takeOverRefusal,
    act: (scene) => {
      const from = scene.holding;
      if (from.kind !== 'viewer') return [];
      return [from.provenDead ? { type: 'take over', from } : ask({ kind: 'take over', from }, scene.burst)];
    },
  },
  { keys: ['q'], when: everyPane, label: 'leave', about: 'leave; what runs goes on', footer: 15, act: leave },
  {
    keys: ['ctrl-c'],
    when: [...untyped, 'field'],
    label: 'leave',
    about: 'leave, as q does; it never stops a step',
    act: leave,
  },
  {
    keys: ['ctrl-l'],
    when: [...untyped, 'field'],
    label: 'repaint',
    about: 'draw the screen anew',
    act: () => [{ type: 'repaint' }],
  },
  {
    keys: ['ctrl-z'],
    when: [...untyped, 'field'],
    label: 'suspend',
    about: 'back to the shell; fg returns',
    act: () => [{ type: 'suspend' }],
  },
];

function takeOverRefusal({ holding, engine }: Scene): string | undefined {
  switch (holding.kind) {
    case 'viewer':
      return undefined;
    case 'writer':
      return 'This screen is the one that writes the run already.';
    case 'damaged':
    case 'unwritable':
      return engine.refusal({ type: 'hold' });
    default:
      return holding satisfies never;
  }
}

/** A plan, or the rollback that goes on. A second `r` in the same dialog does nothing. */
function rollBack(scene: Scene): readonly Effect[] {
  const kind = scene.top?.overlay.kind;
  if (kind === 'rollback plan') return [];
  if (activeRollback(scene.run) !== undefined) {
    if (kind === 'rollback') return [];
    return [view({ type: 'open', overlay: { kind: 'rollback' }, burst: scene.burst })];
  }
  const scope = { kind: 'phase', phaseId: scene.phase.id } as const;
  return [view({ type: 'open', overlay: { kind: 'rollback plan', scope, narrow: scope }, burst: scene.burst })];
}

/** Asks only where something goes on that the operator may not think of. */
function leave(scene: Scene): readonly Effect[] {
  const overlay = scene.top?.overlay;
  if (overlay?.kind === 'yes or no' && overlay.about.kind === 'leave') {
    return scene.top?.burst === scene.burst ? [] : [{ type: 'leave' }];
  }
  const busy = runningAttempts(scene.run).length > 0 || scene.run.runOn !== undefined;
  return busy ? [ask({ kind: 'leave' }, scene.burst)] : [{ type: 'leave' }];
}
