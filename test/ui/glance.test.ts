import { describe, expect, test } from 'vitest';
import type { AlertStatus } from '../../src/live/log-status.ts';
import type { SystemSnapshot, Watched } from '../../src/live/system.ts';
import { glanceRow } from '../../src/ui/panes/glance.ts';
import { bannerRows, headerRow } from '../../src/ui/panes/header.ts';
import { phaseStrip } from '../../src/ui/panes/phases.ts';
import { plainText } from '../../src/ui/spans.ts';
import { quietLogs, quietSystem } from '../support/quiet-system.ts';
import { running } from './migration.ts';
import { sceneWith } from './scene-with.ts';

const one = (key: string, more: Partial<Watched> = {}): Watched => ({
  key,
  id: key,
  name: key,
  state: 'running',
  restarts: 0,
  ...more,
});
const up = (...watched: readonly Watched[]): SystemSnapshot => ({
  ...quietSystem,
  status: { kind: 'up' },
  kind: 'containers',
  watched,
});
const alert = (more: Partial<AlertStatus> = {}): AlertStatus => ({
  count: 0,
  lastMinute: 0,
  max: 5,
  withinMs: 60_000,
  isOver: false,
  ...more,
});
const scene = (system: SystemSnapshot, of?: AlertStatus) =>
  sceneWith(running, [], { system, logs: of === undefined ? quietLogs : { ...quietLogs, alert: of } });
const glance = (system: SystemSnapshot, of?: AlertStatus) => plainText(glanceRow(scene(system, of)));

const healthy = one('app', { health: 'healthy' });
const down = { kind: 'down', why: 'It is gone.', advice: 'Start it.', retryAt: 0 } as const;

test.each<[string, SystemSnapshot, AlertStatus | undefined, string]>([
  ['nothing is asked for', quietSystem, undefined, ''],
  ['not known yet', { ...quietSystem, status: { kind: 'connecting' } }, undefined, ''],
  ['all is well', up(healthy, one('db')), alert(), '2/2 running · healthy · 0 errors/min'],
  ['no health checks', up(one('db')), undefined, '1/1 running'],
  ['one is down', up(healthy, one('db', { state: 'exited' })), undefined, '1/2 running · healthy'],
  ['one starts', up(healthy, one('db', { health: 'starting' })), undefined, '2/2 running · 1 starting'],
  [
    'one is sick',
    up(one('a', { health: 'unhealthy' }), one('b', { health: 'starting' })),
    undefined,
    '2/2 running · 1 unhealthy',
  ],
  [
    'what stopped is not counted as sick',
    up(one('a', { state: 'exited', health: 'unhealthy' })),
    undefined,
    '0/1 running',
  ],
  ['one error', up(), alert({ lastMinute: 1 }), '0 containers · 1 error/min'],
  ['many errors', quietSystem, alert({ lastMinute: 1234, isOver: true }), '1,234 errors/min'],
  ['the engine is gone', { ...quietSystem, status: down }, undefined, '⚠ no containers'],
])('%s', (_, system, of, text) => {
  expect(glance(system, of)).toBe(text);
});

test.each<[string, SystemSnapshot, string]>([
  ['all is well', up(healthy, one('db')), '2/2 ✔ · 0 errors/min'],
  ['one starts', up(healthy, one('db', { health: 'starting' })), '2/2 ○ · 0 errors/min'],
  ['one is sick', up(healthy, one('a', { health: 'unhealthy' })), '2/2 ✖ · 0 errors/min'],
  ['no health checks', up(one('db'), one('a', { state: 'exited' })), '1/2 · 0 errors/min'],
  ['the engine is gone', { ...quietSystem, status: down }, '⚠ · 0 errors/min'],
])('on a narrow screen, %s', (_, system, text) => {
  expect(
    plainText(phaseStrip(scene(system, alert()), 80))
      .trimEnd()
      .endsWith(`  ${text}`),
  ).toBe(true);
  expect(plainText(headerRow(scene(system, alert()), 80))).not.toContain('errors/min');
});

test('the header says host and health together where there is room', () => {
  const text = plainText(headerRow(scene(up(healthy), alert()), 160));
  expect(text).toContain('Mac Studio M1 · 1/1 running · healthy · 0 errors/min');
});

test.each([60, 80, 100, 120, 160, 200])('the header keeps status and progress at %i columns', (width) => {
  const text = plainText(headerRow(scene(up(healthy), alert()), width));
  expect(text).toHaveLength(width);
  expect(text).toContain('running');
  expect(text).toContain('8/15');
});

describe('the banner of the alert', () => {
  const size = { width: 120, height: 1 };
  const banner = (of: AlertStatus, trouble?: string) => {
    return bannerRows(scene(quietSystem, of), trouble, size).map(plainText).join('\n');
  };
  const last = { source: 'app', text: 'ERROR no route', at: 0 };

  test('is there only over the limit', () => {
    expect(banner(alert({ count: 5 }))).toBe('');
  });

  test('names the count, the last line, and offers r', () => {
    const text = banner(alert({ count: 12, isOver: true, lastLine: last }));
    expect(text).toContain('12 errors in the logs within 60 s, more than 5 · ERROR no route');
    expect(text).toMatch(/r shows the way back $/);
  });

  test('is not there for who only looks on: they can not roll back, and the header has the count', () => {
    const holding = { kind: 'viewer', holder: 'eva', host: 'm', pid: 1, since: 0, provenDead: false } as const;
    const looking = sceneWith(running, [], {
      holding,
      logs: { ...quietLogs, alert: alert({ count: 12, isOver: true }) },
    });
    expect(bannerRows(looking, undefined, size).map(plainText).join('\n')).toContain('T take over');
  });

  test('leaves the place to what is worse', () => {
    expect(banner(alert({ count: 12, isOver: true }), 'The disk is full.')).toContain('The disk is full.');
  });
});
