import stringWidth from 'string-width';
import { afterEach, describe, expect, test } from 'vitest';
import type { AlertStatus, LogsStatus } from '../../src/live/log-status.ts';
import type { SystemSnapshot } from '../../src/live/system.ts';
import type { Run } from '../../src/run/state.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { quietLogs } from '../support/quiet-system.ts';
import { keyBytes, type RenderedScreen, renderScreen } from '../support/render-screen.tsx';
import { waitFor } from '../support/wait-for.ts';
import { aContainer, aSystem } from '../support/watched-system.ts';
import { running } from './migration.ts';

const { system, now } = aSystem(
  [aContainer('aiproxy-app'), aContainer('celery-worker', { health: 'starting' }), aContainer('postgres')],
  {
    'aiproxy-app': { cpu: () => 12, mebibytes: () => 180, limitMebibytes: 512 },
    'celery-worker': { cpu: () => 60, mebibytes: () => 240, limitMebibytes: 512 },
    postgres: { cpu: () => 2 },
  },
  600,
);
const watched: Run = {
  ...running,
  runbook: { ...running.runbook, monitor: { docker: { all: true }, logs: [{ kind: 'file', file: 'x.log' }] } },
};
const source = { kind: 'container', isThere: true, lines: 1200, errors: 2 } as const;
const alert: AlertStatus = { count: 2, lastMinute: 2, max: 5, withinMs: 60_000, isOver: false };
const logs: LogsStatus = {
  ...quietLogs,
  sources: [
    { ...source, key: 'aiproxy-app', name: 'aiproxy-app', index: 0 },
    { ...source, key: 'celery-worker', name: 'celery-worker', index: 1 },
  ],
  lines: 2400,
  alert,
};

const screens: RenderedScreen[] = [];
afterEach(() => {
  for (const screen of screens.splice(0)) screen.close();
});

function show(size: readonly [number, number], shown: { system?: SystemSnapshot; logs?: LogsStatus } = {}) {
  const screen = renderScreen(fakeEngine(watched), { columns: size[0], rows: size[1], now });
  screens.push(screen);
  screen.setSystem(shown.system ?? system);
  screen.setLogs(shown.logs ?? logs);
  return screen;
}

async function picture(screen: RenderedScreen, name: string): Promise<void> {
  await expect(`${(await screen.rows()).join('\n')}\n`).toMatchFileSnapshot(`frames/${name}.txt`);
}

describe.each([
  [80, 24],
  [120, 40],
  [160, 48],
] as const)('at %i×%i', (columns, rows) => {
  test('containers and logs beside the steps', async () => {
    const screen = show([columns, rows]);
    await screen.see('2 errors/min');
    for (const row of await screen.rows()) expect(stringWidth(row)).toBeLessThanOrEqual(columns);
    await picture(screen, `watched-${columns}x${rows}`);
  });

  test('more errors than are allowed raise a banner, and commands keep their size', async () => {
    const screen = show([columns, rows]);
    await screen.see('2 errors/min');
    const { columns: width, rows: height } = screen.layout();
    screen.setLogs({ ...logs, alert: { ...alert, count: 7, lastMinute: 7, isOver: true } });
    await screen.see('7 errors in the logs within 60 s, more than 5');
    await picture(screen, `alert-${columns}x${rows}`);
    expect(screen.layout()).toMatchObject({ columns: width, rows: height });
    await screen.press('r');
    await screen.see('Roll back');
  });
});

describe('on a small screen', () => {
  const small = [80, 24] as const;

  test('Tab brings the logs into the place of the output, which keeps its size', async () => {
    const screen = show(small);
    await screen.see('2 errors/min');
    const before = screen.layout();
    await screen.keys(keyBytes.tab, keyBytes.tab);
    await screen.see('Logs · aiproxy-app celery-worker');
    const { logs: place, columns, rows, attempt } = screen.layout();
    expect(place?.hole).toEqual({ x: 1, y: 12, width: 78, height: 9 });
    expect([columns, rows]).toEqual([before.columns, before.rows]);
    // The output is not shown, so nothing of it is read.
    expect(attempt).toBeUndefined();
  });

  test('and the containers', async () => {
    const screen = show(small);
    await screen.keys(keyBytes.tab, keyBytes.tab, keyBytes.tab);
    await screen.see('celery-worker');
    expect(await screen.text()).toContain('Containers');
  });
});

describe('the lines of the logs', () => {
  test('are left to the painter, with how they are to be shown', async () => {
    const screen = show([160, 48]);
    await screen.see('2 errors/min');
    await screen.keys(keyBytes.tab, keyBytes.tab, 'w', 'd', 'f');
    await screen.see('Filter the logs');
    expect(screen.layout().logs?.clip).toHaveLength(1);
    await screen.keys('5', '0', '0', keyBytes.enter);
    await screen.see('only “500”');
    expect(screen.layout().logs).toMatchObject({
      clip: [],
      settings: { wrap: true, stamps: true, filter: '500', hidden: [] },
    });
  });

  test('are scrolled by the painter; how far one is behind is said', async () => {
    const screen = show([160, 48]);
    await screen.keys(keyBytes.tab, keyBytes.tab, keyBytes.pageUp, keyBytes.end);
    await waitFor(() => screen.logScrolls.length === 2);
    expect(screen.logScrolls).toEqual([{ kind: 'pages', by: -1 }, { kind: 'end' }]);
    expect(screen.scrolls).toEqual([]);
    screen.setLogs({ ...logs, following: false, newLines: 1234 });
    await screen.see('paused · 1,234 new · End follows');
  });

  test('where there are none, or something is wrong, a sentence stands in their place', async () => {
    const screen = show([160, 48], { logs: { ...quietLogs, alert } });
    await screen.see('Nothing to follow yet.');
    expect(screen.layout().logs).toBeUndefined();
    screen.setLogs({ ...quietLogs, trouble: 'No file matches x.log.' });
    await screen.see('No file matches x.log.');
    screen.setLogs({ ...logs, trouble: 'The engine is gone.' });
    await screen.see('╰ ⚠ The engine is gone. ─');
  });

  test('begin where one chooses', async () => {
    const screen = show([160, 48]);
    await screen.keys(keyBytes.tab, keyBytes.tab, 'b');
    await screen.see('Where the logs begin');
    await screen.keys(keyBytes.down, keyBytes.enter);
    await waitFor(() => screen.calls.length > 0);
    expect(screen.calls).toEqual(['follow {"kind":"tail","lines":500}']);
  });

  test('of a source are hidden by its name', async () => {
    const screen = show([160, 48]);
    await screen.keys(keyBytes.tab, keyBytes.tab, 's');
    await screen.see('Sources of the logs');
    await screen.press(' ');
    await screen.see('☐ aiproxy-app');
    await screen.press(keyBytes.escape);
    await screen.see('(1 hidden)');
    expect(screen.layout().logs?.settings.hidden).toEqual(['aiproxy-app']);
  });
});

test('charts are loaded when they are first asked for', async () => {
  const screen = show([160, 48]);
  await screen.see('2 errors/min');
  expect(screen.calls).toEqual([]);
  await screen.keys(keyBytes.tab, keyBytes.tab, keyBytes.tab, keyBytes.enter);
  await screen.see('CPU, % of one core');
  await waitFor(() => screen.calls.includes('load chart'));
  expect(await screen.text()).toContain('Restart celery-worker');
});
