import { describe, expect, test } from 'vitest';
import type { LogSourceStatus, LogsStatus } from '../../src/live/log-status.ts';
import { effectsOfKey } from '../../src/ui/keymap.ts';
import type { Overlay, ViewAction } from '../../src/ui/view-state.ts';
import { quietLogs } from '../support/quiet-system.ts';
import { aPhase, aRun, aRunbook, aStep } from '../support/run-builder.ts';
import { running, runningNow } from './migration.ts';
import { sceneWith } from './scene-with.ts';

const focus = (pane: 'containers' | 'logs' | 'steps' | 'output'): ViewAction => ({ type: 'focus', pane });
const open = (overlay: Overlay): ViewAction => ({ type: 'open', overlay, burst: 0 });
const source = (key: string, index: number): LogSourceStatus => ({
  key,
  kind: 'container',
  name: key,
  index,
  isThere: true,
  lines: 1,
  errors: 0,
});
const logs: LogsStatus = { ...quietLogs, sources: [source('app', 0), source('worker', 1)], lines: 2 };
const press = (key: string, ...actions: readonly ViewAction[]) =>
  effectsOfKey(sceneWith(running, actions, { logs }), key);
const changes = (change: object) => [{ type: 'view', action: { type: 'logs', change } }];

describe('containers', () => {
  const selects = (selected: string) => [{ type: 'view', action: { type: 'containers', selected } }];

  test.each([
    ['down', undefined, 'db'],
    ['down', 'db', 'worker'],
    ['down', 'worker', 'worker'],
    ['up', 'db', 'app'],
    ['up', 'app', 'app'],
    ['end', 'app', 'worker'],
    ['home', 'worker', 'app'],
    ['pagedown', 'app', 'worker'],
    ['down', 'gone', 'db'],
  ])('%s from %s selects %s', (key, from, to) => {
    const at: readonly ViewAction[] = from === undefined ? [] : [{ type: 'containers', selected: from }];
    expect(press(key, focus('containers'), ...at)).toEqual(selects(to));
  });

  test('s sorts by what is next, round and round', () => {
    const sort = (sort: 'name' | 'cpu' | 'memory') => press('s', focus('containers'), { type: 'containers', sort });
    const by = (sort: string) => [{ type: 'view', action: { type: 'containers', sort } }];
    expect([sort('name'), sort('cpu'), sort('memory')]).toEqual([by('cpu'), by('memory'), by('name')]);
  });

  test.each(['enter', 'z'])('%s shows the charts, of one container however the rows are sorted', (key) => {
    const zoom = { type: 'view', action: { type: 'zoom', on: true } };
    expect(press(key, focus('containers'))).toEqual([...selects('app'), zoom]);
    expect(press(key, focus('containers'), { type: 'containers', selected: 'db' })).toEqual([zoom]);
  });
});

describe('logs', () => {
  test.each([
    ['up', { kind: 'lines', by: -1 }],
    ['j', { kind: 'lines', by: 1 }],
    ['pageup', { kind: 'pages', by: -1 }],
    ['pagedown', { kind: 'pages', by: 1 }],
    ['home', { kind: 'start' }],
    ['end', { kind: 'end' }],
  ])('%s scrolls them, not the output', (key, command) => {
    expect(press(key, focus('logs'))).toEqual([{ type: 'scroll logs', command }]);
  });

  test('w wraps, d dates', () => {
    expect(press('w', focus('logs'))).toEqual(changes({ wrap: true }));
    expect(press('d', focus('logs'))).toEqual(changes({ stamps: true }));
  });

  test('a filter is typed, and an empty one ends it', () => {
    const field = { kind: 'field', purpose: { kind: 'log filter' } } as const;
    const typed = (text: string): ViewAction => ({ type: 'open', overlay: field, burst: 0, text });
    const filters = (text: string) => [
      { type: 'view', action: { type: 'log filter', text } },
      { type: 'view', action: { type: 'close' } },
    ];
    expect(press('enter', focus('logs'), typed(' time.*out '))).toEqual(filters('time.*out'));
    expect(press('enter', focus('logs'), typed(''))).toEqual(filters(''));
    const filtered = sceneWith(
      running,
      [
        { type: 'log filter', text: 'x' },
        { type: 'log filter', text: '' },
      ],
      { logs },
    );
    expect(filtered.view.logs.filter).toBeUndefined();
  });

  test('a source is hidden, and shown again', () => {
    const sources = open({ kind: 'log sources' });
    expect(press('space', sources, { type: 'at', at: 1 })).toEqual(changes({ hidden: ['worker'] }));
    const hidden: ViewAction = { type: 'logs', change: { hidden: ['app', 'worker'] } };
    expect(press('enter', sources, hidden)).toEqual(changes({ hidden: ['worker'] }));
  });

  test('where they begin is chosen, remembered and followed', () => {
    const chosen = { kind: 'tail', lines: 500 };
    expect(press('enter', open({ kind: 'log start' }), { type: 'at', at: 1 })).toEqual([
      { type: 'view', action: { type: 'close' } },
      ...changes({ start: chosen }),
      { type: 'follow logs', start: chosen },
    ]);
    expect(press('enter', open({ kind: 'log start' }), { type: 'at', at: 3 })).toContainEqual({
      type: 'follow logs',
      start: { kind: 'since', at: runningNow - 5 * 60_000 },
    });
  });

  test('keys that run and stop steps work beside them, and r always does', () => {
    expect(press('r', focus('logs'))).toMatchObject([{ action: { overlay: { kind: 'rollback plan' } } }]);
    expect(press('x', focus('containers'))).toMatchObject([{ action: { overlay: { kind: 'yes or no' } } }]);
  });
});

describe('Tab', () => {
  const panesFrom = (run: typeof running) => {
    const panes: string[] = [];
    const actions: ViewAction[] = [];
    for (let presses = 0; presses < 5; presses += 1) {
      const [effect] = effectsOfKey(sceneWith(run, actions), 'tab');
      if (effect?.type !== 'view' || effect.action.type !== 'focus') throw new Error('Tab moves the focus');
      panes.push(effect.action.pane);
      actions.push(effect.action);
    }
    return panes;
  };

  test('passes the logs where there are none', () => {
    expect(panesFrom(aRun(aRunbook([aPhase('p', [aStep('a')])])))).toEqual([
      'output',
      'containers',
      'phases',
      'steps',
      'output',
    ]);
  });

  test('goes through every pane where a service speaks', () => {
    const service = aStep('s', { action: { kind: 'service', script: 'serve' } });
    expect(panesFrom(aRun(aRunbook([aPhase('p', [service])])))).toEqual([
      'output',
      'logs',
      'containers',
      'phases',
      'steps',
    ]);
  });
});
