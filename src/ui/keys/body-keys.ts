import { isDone, stateOf } from '../../run/select.ts';
import { type Effect, view } from '../effects.ts';
import type { Binding, Context } from '../keymap.ts';
import type { PaneId } from '../layout.ts';
import { rowsOf, type Scene } from '../scene.ts';
import type { ScrollCommand } from '../screen-ports.ts';
import type { Overlay } from '../view-state.ts';
import { everyPane, runPanes } from './contexts.ts';
import { toggleZoom } from './monitor-keys.ts';

const paneOrder: readonly PaneId[] = ['steps', 'output', 'logs', 'containers', 'phases'];

/** Keys that move, look and open. */
export const bodyKeys: readonly Binding[] = [
  {
    keys: ['up', 'down', 'k', 'j'],
    pair: true,
    when: ['steps'],
    label: 'step',
    about: 'the step or item before, after',
    footer: 0,
    act: (scene, key) => selectRow(scene, direction(key)),
  },
  {
    keys: ['left', 'right', 'h', 'l'],
    pair: true,
    when: ['steps'],
    label: 'phase',
    about: 'the phase before, after',
    footer: 1,
    act: (scene, key) => selectPhase(scene, direction(key)),
  },
  {
    keys: ['up', 'down', 'left', 'right', 'k', 'j', 'h', 'l'],
    pair: true,
    when: ['phases'],
    label: 'phase',
    about: 'the phase before, after',
    footer: 0,
    act: (scene, key) => selectPhase(scene, direction(key)),
  },
  {
    keys: ['up', 'down', 'k', 'j'],
    pair: true,
    when: ['output'],
    label: 'scroll',
    about: 'one line up, down',
    footer: 0,
    act: (scene, key) => scroll(scene, { kind: 'lines', by: direction(key) }),
  },
  {
    keys: ['enter'],
    when: ['phases'],
    label: 'open',
    about: 'to the steps of the phase',
    footer: 2,
    act: () => [view({ type: 'focus', pane: 'steps' })],
  },
  scrolling('pageup', 'a page up in the output', { kind: 'pages', by: -1 }),
  scrolling('pagedown', 'a page down in the output', { kind: 'pages', by: 1 }),
  scrolling('home', 'the beginning of the output', { kind: 'start' }),
  { ...scrolling('end', 'the end of the output, and follow it again', { kind: 'end' }), when: ['steps', 'phases'] },
  {
    ...scrolling('end', 'the end of the output, and follow it again', { kind: 'end' }),
    when: ['output'],
    label: 'follow',
    footer: 8,
  },
  attemptKey(['[', 'left', 'h'], ['output'], -1),
  attemptKey([']', 'right', 'l'], ['output'], 1),
  attemptKey(['['], ['steps'], -1),
  attemptKey([']'], ['steps'], 1),
  {
    keys: ['tab'],
    when: everyPane,
    label: 'pane',
    about: 'the next pane',
    footer: 7,
    act: (scene) => [view({ type: 'focus', pane: neighbour(scene, 1) })],
  },
  {
    keys: ['shift-tab'],
    when: everyPane,
    label: 'pane back',
    about: 'the pane before',
    act: (scene) => [view({ type: 'focus', pane: neighbour(scene, -1) })],
  },
  {
    keys: ['z'],
    when: everyPane,
    label: (scene) => (scene.view.zoom ? 'all panes' : 'zoom'),
    about: 'the focused pane alone, or all of them',
    footer: 6,
    act: toggleZoom,
  },
  {
    keys: ['escape'],
    when: everyPane,
    label: 'back',
    about: 'back: all panes, the steps, the step that needs you',
    act: back,
  },
  opening('o', 'checklist', 'checklist of all phases', 9, { kind: 'checklist' }),
  opening('i', 'info', 'about, risks, hosts, references, troubleshooting, cheat sheets, notes', 10, { kind: 'info' }),
  opening('v', 'variables', 'variables and secrets', 11, { kind: 'variables' }),
  {
    keys: ['m'],
    when: everyPane,
    label: 'note',
    about: 'write a note beside the step',
    footer: 13,
    whyNot: (scene) => scene.engine.refusal({ type: 'add note', text: 'asked for next' }),
    act: (scene) => [
      view({
        type: 'open',
        overlay: {
          kind: 'field',
          purpose: {
            kind: 'note',
            phaseId: scene.phase.id,
            ...(scene.row?.kind === 'step' ? { stepId: scene.row.step.id } : {}),
          },
        },
        burst: scene.burst,
      }),
    ],
  },
  {
    keys: ['e'],
    when: everyPane,
    label: 'edit',
    about: 'open the definition at this step in $EDITOR',
    footer: 14,
    act: (scene) => [
      { type: 'open editor', line: (scene.row?.kind === 'step' ? scene.row.step : scene.phase).position.line },
    ],
  },
];

/** -1 for the keys that go back, 1 for those that go on. */
function direction(key: string): 1 | -1 {
  return ['up', 'left', 'k', 'h'].includes(key) ? -1 : 1;
}

function scrolling(key: string, about: string, command: ScrollCommand): Binding {
  return { keys: [key], when: runPanes, label: 'scroll', about, act: (scene) => scroll(scene, command) };
}

function attemptKey(keys: readonly string[], when: readonly Context[], by: 1 | -1): Binding {
  const word = by === -1 ? 'earlier' : 'later';
  const next = ({ attempts, shown }: Scene) =>
    shown === undefined ? undefined : attempts[attempts.indexOf(shown) + by];
  return {
    keys,
    when,
    label: `${word} attempt`,
    about: `an ${word} attempt of the step`.replace('an later', 'a later'),
    ...(when.includes('output') ? { footer: by === -1 ? 9 : 10 } : {}),
    whyNot: (scene) => {
      if (next(scene) !== undefined) return undefined;
      return by === -1 ? 'There is no earlier attempt of this step.' : 'This is the latest attempt of this step.';
    },
    act: (scene) => {
      const found = next(scene);
      // The latest is followed: a new one takes its place.
      const isLatest = found === undefined || found === scene.attempts.at(-1);
      return [view(isLatest ? { type: 'attempt' } : { type: 'attempt', number: found.number })];
    },
  };
}

function opening(key: string, label: string, about: string, footer: number, overlay: Overlay): Binding {
  return {
    keys: [key],
    when: everyPane,
    label,
    about,
    footer,
    act: (scene) => [view({ type: 'open', overlay, burst: scene.burst })],
  };
}

function neighbour(scene: Scene, by: number): PaneId {
  const panes = paneOrder.filter((pane) => pane !== 'logs' || scene.hasLogs);
  const index = panes.indexOf(scene.view.focus) + by + panes.length;
  return panes[index % panes.length] ?? 'steps';
}

function selectRow(scene: Scene, by: number): readonly Effect[] {
  const row = scene.rows[scene.rowIndex + by];
  return row === undefined ? [] : [view({ type: 'select', phaseId: scene.phase.id, rowId: row.id })];
}

function selectPhase(scene: Scene, by: number): readonly Effect[] {
  const phase = scene.run.runbook.phases[scene.phaseIndex + by];
  if (phase === undefined) return [];
  const rows = rowsOf(phase);
  const next = rows.find((row) => row.kind === 'step' && !isDone(stateOf(scene.run, row.step.id))) ?? rows[0];
  return [view({ type: 'select', phaseId: phase.id, rowId: next?.id ?? '' })];
}

/** The output where there is some, else the details that stand in its place. */
function scroll(scene: Scene, command: ScrollCommand): readonly Effect[] {
  if (scene.shown !== undefined) return [{ type: 'scroll', command }];
  const last = scene.reach.detail;
  const at = Math.min(scene.view.detailAt, last);
  switch (command.kind) {
    case 'lines':
      return [view({ type: 'detail at', at: Math.min(at + command.by, last) })];
    case 'pages':
      return [view({ type: 'detail at', at: Math.min(at + command.by * 10, last) })];
    case 'start':
      return [view({ type: 'detail at', at: 0 })];
    case 'end':
      return [view({ type: 'detail at', at: last })];
    default:
      return command satisfies never;
  }
}

function back(scene: Scene): readonly Effect[] {
  if (scene.view.zoom) return [view({ type: 'zoom', on: false })];
  if (scene.view.focus !== 'steps') return [view({ type: 'focus', pane: 'steps' })];
  return [view({ type: 'follow' })];
}
