import type { LogStart } from '../../live/log-line.ts';
import { type Effect, view } from '../effects.ts';
import type { Binding } from '../keymap.ts';
import { logStarts } from '../overlays/logs.ts';
import type { Scene } from '../scene.ts';
import type { ScrollCommand } from '../screen-ports.ts';
import type { ContainerSort } from '../view-state.ts';
import { fresh } from './overlay-keys.ts';

const sorts: readonly ContainerSort[] = ['name', 'cpu', 'memory'];

/** Keys of the panes that show what the change does to the system. */
export const monitorKeys: readonly Binding[] = [
  {
    keys: ['up', 'down', 'k', 'j'],
    pair: true,
    when: ['containers'],
    label: 'select',
    about: 'the container before, after',
    footer: 0,
    act: (scene, key) => selectBy(scene, key === 'up' || key === 'k' ? -1 : 1),
  },
  {
    keys: ['pageup', 'pagedown', 'home', 'end'],
    when: ['containers'],
    label: 'page',
    about: 'ten up, ten down, the first, the last',
    act: (scene, key) => selectBy(scene, pageSteps[key] ?? 0),
  },
  {
    keys: ['s'],
    when: ['containers'],
    label: (scene) => `sort by ${nextSort(scene)}`,
    about: 'sort by name, by CPU, by memory',
    footer: 1,
    act: (scene) => [view({ type: 'containers', sort: nextSort(scene) })],
  },
  {
    keys: ['enter'],
    when: ['containers'],
    label: (scene) => (scene.view.zoom ? 'all panes' : 'charts'),
    about: 'all figures and the charts over the whole run, or back',
    footer: 2,
    act: toggleZoom,
  },
  {
    keys: ['up', 'down', 'k', 'j'],
    pair: true,
    when: ['logs'],
    label: 'scroll',
    about: 'one line up, down; leaving the end stops following',
    footer: 0,
    act: (_, key) => scrolled({ kind: 'lines', by: key === 'up' || key === 'k' ? -1 : 1 }),
  },
  {
    keys: ['end'],
    when: ['logs'],
    label: 'follow',
    about: 'the end of the logs, and follow them again',
    footer: 3,
    act: () => scrolled({ kind: 'end' }),
  },
  scrolling('pageup', 'a page up in the logs', { kind: 'pages', by: -1 }),
  scrolling('pagedown', 'a page down in the logs', { kind: 'pages', by: 1 }),
  scrolling('home', 'the oldest line that is kept', { kind: 'start' }),
  {
    keys: ['f'],
    when: ['logs'],
    label: 'filter',
    about: 'show only lines with a text or a regular expression',
    footer: 1,
    act: (scene) => [
      view({
        type: 'open',
        overlay: { kind: 'field', purpose: { kind: 'log filter' } },
        burst: scene.burst,
        text: scene.view.logs.filter ?? '',
      }),
    ],
  },
  {
    keys: ['s'],
    when: ['logs'],
    label: 'sources',
    about: 'choose which sources are shown',
    footer: 2,
    act: (scene) => [view({ type: 'open', overlay: { kind: 'log sources' }, burst: scene.burst })],
  },
  {
    keys: ['b'],
    when: ['logs'],
    label: 'begin',
    about: 'choose how far back the logs begin: a number of lines, or a time',
    footer: 4,
    act: (scene) => [view({ type: 'open', overlay: { kind: 'log start' }, burst: scene.burst })],
  },
  {
    keys: ['w'],
    when: ['logs'],
    label: (scene) => (scene.view.logs.wrap ? 'cut lines' : 'wrap'),
    about: 'wrap long lines, or cut them',
    footer: 8,
    act: (scene) => [view({ type: 'logs', change: { wrap: !scene.view.logs.wrap } })],
  },
  {
    keys: ['d'],
    when: ['logs'],
    label: (scene) => (scene.view.logs.stamps ? 'no times' : 'times'),
    about: 'show when each line was written, or not',
    footer: 8.5,
    act: (scene) => [view({ type: 'logs', change: { stamps: !scene.view.logs.stamps } })],
  },
  {
    keys: ['space', 'enter'],
    when: ['log sources'],
    label: 'show or hide',
    about: 'show the source, or hide it',
    footer: 1,
    act: toggleSource,
  },
  {
    keys: ['enter', 'space'],
    when: ['log start'],
    label: 'begin there',
    about: 'read the logs anew from there on',
    footer: 1,
    act: (scene) => {
      const chosen = logStarts(scene)[scene.top?.at ?? 0];
      return chosen === undefined ? [] : fresh(scene, [view({ type: 'close' }), ...beginAt(chosen.start)]);
    },
  },
];

/** All panes, or the focused one alone; charts stay with the container they began with, however the rows are sorted. */
export function toggleZoom(scene: Scene): readonly Effect[] {
  const zoom = view({ type: 'zoom', on: !scene.view.zoom });
  const [first] = scene.reach.containers;
  const isChosen = scene.view.focus !== 'containers' || scene.view.containers.selected !== undefined;
  return isChosen || first === undefined ? [zoom] : [view({ type: 'containers', selected: first }), zoom];
}

const pageSteps: Readonly<Record<string, number>> = {
  pageup: -10,
  pagedown: 10,
  home: Number.NEGATIVE_INFINITY,
  end: Number.POSITIVE_INFINITY,
};

function scrolling(key: string, about: string, command: ScrollCommand): Binding {
  return { keys: [key], when: ['logs'], label: 'scroll', about, act: () => scrolled(command) };
}

function scrolled(command: ScrollCommand): readonly Effect[] {
  return [{ type: 'scroll logs', command }];
}

function selectBy(scene: Scene, by: number): readonly Effect[] {
  const keys = scene.reach.containers;
  const from = Math.max(0, keys.indexOf(scene.view.containers.selected ?? ''));
  const selected = keys[Math.max(0, Math.min(keys.length - 1, from + by))];
  return selected === undefined ? [] : [view({ type: 'containers', selected })];
}

function nextSort(scene: Scene): ContainerSort {
  return sorts[(sorts.indexOf(scene.view.containers.sort) + 1) % sorts.length] ?? 'name';
}

function toggleSource(scene: Scene): readonly Effect[] {
  const source = scene.logs.sources[scene.top?.at ?? 0];
  if (source === undefined) return [];
  const { hidden } = scene.view.logs;
  const next = hidden.includes(source.key) ? hidden.filter((key) => key !== source.key) : [...hidden, source.key];
  return [view({ type: 'logs', change: { hidden: next } })];
}

function beginAt(start: LogStart): readonly Effect[] {
  return [view({ type: 'logs', change: { start } }), { type: 'follow logs', start }];
}
