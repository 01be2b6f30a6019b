import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadLineChart } from '../../src/adapters/line-chart.ts';
import { baselineOf } from '../../src/live/baseline.ts';
import { createGrid } from '../../src/live/cells.ts';
import { degrade } from '../../src/live/degrade.ts';
import type { SystemSnapshot, Watched } from '../../src/live/system.ts';
import { createUsageHistory } from '../../src/live/usage-history.ts';
import { type ContainersView, containersPane, type DrawnContainers } from '../../src/ui/panes/containers.ts';
import { containersZoomed, type ZoomedView } from '../../src/ui/panes/containers-zoomed.ts';
import { plainText, type Row, rowWidth } from '../../src/ui/spans.ts';
import type { ContainerSort } from '../../src/ui/view-state.ts';
import { aContainer, aSystem, type Load, measuringBegan, utcClock } from '../support/watched-system.ts';

const drawChart = await loadLineChart();
const at = (second: number): number => measuringBegan + second * 1000;
const steady = (cpu: number, more: Partial<Load> = {}): Load => ({ cpu: () => cpu, ...more });

function withoutHealth(watched: Watched): Watched {
  const { health: _, ...rest } = watched;
  return rest;
}

/** The migration's stack half an hour in: the worker and then the app were recreated, both with new images. */
const stack: readonly Watched[] = [
  aContainer('aiproxy-app', { image: 'localhost:5000/aiproxy-app:v2.2.0', startedAt: at(1500) }),
  aContainer('celery-worker', { health: 'starting', restarts: 2, startedAt: at(1400) }),
  aContainer('postgres'),
  withoutHealth(aContainer('redis')),
];
const nobodyLooked = [700, 760] as const;
const stackLoads: Readonly<Record<string, Load>> = {
  'aiproxy-app': {
    cpu: (second) => (second > 1530 ? 14 : second > 1500 ? 80 : 9),
    mebibytes: (second) => (second > 1500 ? 180 : 150),
    limitMebibytes: 512,
    gaps: [[1480, 1500], nobodyLooked],
  },
  'celery-worker': {
    cpu: (second) => (second > 1400 ? 60 : 6) + (second % 20),
    mebibytes: (second) => 240 + second / 30,
    limitMebibytes: 300,
    gaps: [[1380, 1400], nobodyLooked],
  },
  postgres: steady(2.5, { mebibytes: () => 61.5, gaps: [nobodyLooked] }),
  redis: steady(0.3, { mebibytes: () => 9.7, gaps: [nobodyLooked] }),
};
const healthy = aSystem(stack, stackLoads, 1800);
const steps = [
  { label: 'Push the release commit', at: at(1300), until: at(1304), glyph: '✔' },
  { label: 'Point the compose file at v2.2.0', at: at(1310), until: at(1310), glyph: '✔' },
  { label: 'Restart celery-worker', at: at(1376), until: at(1430), glyph: '✔' },
  { label: 'Restart aiproxy-app', at: at(1476), until: at(1535), glyph: '✔' },
  { label: 'Health of the app', at: at(1540), until: at(1700), glyph: '✖' },
  { label: 'Watch production for a day', at: at(1720), glyph: '▶' },
];

type Shown = { readonly system: SystemSnapshot; readonly now: number };

function pane(shown: Shown, width: number, height: number, more: Partial<ContainersView> = {}): DrawnContainers {
  return containersPane({ ...shown, width, height, focused: true, sort: 'name', top: 'round', ...more });
}

function zoomedView(shown: Shown, more: Pick<ZoomedView, 'width' | 'height'> & Partial<ZoomedView>): ZoomedView {
  const keys = shown.system.watched.map(({ key }) => key);
  const beganAt = at(1300);
  return {
    ...shown,
    focused: true,
    sort: 'name',
    top: 'round',
    marks: steps,
    phaseStartedAt: beganAt,
    baseline: baselineOf(shown.system.history, keys, { beganAt, now: shown.now }),
    clock: utcClock,
    drawChart,
    ...more,
  };
}

function zoomed(shown: Shown, width: number, height: number, more: Partial<ZoomedView> = {}): DrawnContainers {
  return containersZoomed(zoomedView(shown, { width, height, ...more }));
}

/** Before any step ran. */
function zoomedAtRest(shown: Shown, width: number, height: number, more: Partial<ZoomedView> = {}): DrawnContainers {
  const { phaseStartedAt: _, ...view } = zoomedView(shown, { width, height, marks: [], baseline: new Map(), ...more });
  return containersZoomed(view);
}

const textOf = (rows: readonly Row[]): string => rows.map((row) => `${plainText(row)}\n`).join('');
const lineOf = (drawn: DrawnContainers, what: string): string =>
  drawn.rows.map(plainText).find((row) => row.includes(what)) ?? '';

async function picture({ rows }: DrawnContainers, name: string): Promise<void> {
  await expect(textOf(rows)).toMatchFileSnapshot(`frames/containers-${name}.txt`);
}

/** What is left where the terminal has only ASCII. */
function asciiOf(rows: readonly Row[]): string {
  const glyphs = rows.map((row) => Array.from(plainText(row)));
  const width = Math.max(...glyphs.map((row) => row.length));
  const grid = createGrid(width, rows.length);
  glyphs.forEach((row, y) => {
    row.forEach((glyph, x) => {
      grid.glyphs[y * width + x] = glyph;
    });
  });
  degrade(grid, { colours: 'none', ascii: true });
  return glyphs.map((_, y) => `${grid.glyphs.slice(y * width, (y + 1) * width).join('')}\n`).join('');
}

describe('the pane', () => {
  test.each([
    [26, 5],
    [26, 8],
    [33, 10],
    [50, 8],
    [78, 9],
    [160, 8],
  ])('at %i×%i', async (width, height) => {
    await picture(pane(healthy, width, height), `pane-${width}x${height}`);
  });

  test.each<[string, Watched['state'], Partial<Watched>, string, string]>([
    ['healthy', 'running', {}, '✔', '12%'],
    ['unhealthy', 'running', { health: 'unhealthy' }, '✖', '12%'],
    ['starting', 'running', { health: 'starting' }, '○', '12%'],
    ['ended well', 'exited', { exitStatus: 0 }, '■', 'exited 0'],
    ['ended badly', 'exited', { exitStatus: 137 }, '■', 'exited 137'],
    ['killed for want of memory', 'exited', { exitStatus: 137, isOutOfMemory: true }, '✖', 'out of memory'],
    ['restarting', 'restarting', { restarts: 7 }, '↻', 'restarting'],
    ['paused', 'paused', {}, '-', 'paused'],
    ['dead', 'dead', {}, '✖', 'dead'],
  ])('one that is %s', (_, state, more, glyph, word) => {
    const shown = aSystem([aContainer('app', { state, ...more })], { app: steady(12) }, 120);
    const row = lineOf(pane(shown, 33, 8), 'app');
    expect(row).toContain(`${glyph} app`);
    expect(row).toContain(word);
  });

  test('one without a health check', () => {
    const shown = aSystem([withoutHealth(aContainer('app'))], { app: steady(12) }, 120);
    expect(lineOf(pane(shown, 33, 8), 'app')).toMatch(/● app .* 12%/);
  });

  test('what does not run has no figures, though it had some a moment ago', () => {
    const shown = aSystem([aContainer('app', { state: 'exited', exitStatus: 1 })], { app: steady(12) }, 120);
    const drawn = pane(shown, 60, 8);
    expect(lineOf(drawn, 'app')).not.toMatch(/12%|112M/);
    expect(textOf(drawn.rows)).not.toContain('all');
    expect(textOf(drawn.rows)).toContain('0/1 healthy');
  });

  test('what was measured too long ago is not shown as now, nor what the container before used', () => {
    const shown = aSystem([aContainer('app')], { app: steady(12) }, 120);
    expect(lineOf(pane({ ...shown, now: shown.now + 60_000 }, 40, 8), 'app')).toContain('–');
    const recreated = { ...shown.system, watched: [aContainer('app', { startedAt: shown.now - 100 })] };
    expect(lineOf(pane({ ...shown, system: recreated }, 40, 8), 'app')).toContain('–');
  });

  test('a gap in the measurements is blank, and nothing used is the lowest bar', () => {
    const shown = aSystem([aContainer('app')], { app: steady(0, { gaps: [[60, 120]] }) }, 180);
    const bars = /app +(▁.*▁) +0%/.exec(lineOf(pane(shown, 53, 8), 'app'))?.[1];
    expect(bars).toMatch(/^▁+ +▁+$/);
  });

  test('the scale is the same for all, and a step higher when one of them takes more than a core', () => {
    const both = [aContainer('app'), aContainer('db')];
    const calm = aSystem(both, { app: steady(3), db: steady(1) }, 300);
    expect(lineOf(pane(calm, 60, 8), 'cpu')).toContain('0–100 %');
    expect(lineOf(pane(calm, 60, 8), 'app')).toContain('▁▁▁');
    const busy = aSystem(both, { app: steady(350), db: steady(90) }, 300);
    expect(lineOf(pane(busy, 60, 8), 'cpu')).toContain('0–400 %');
    expect(lineOf(pane(busy, 60, 8), 'app')).toContain('██');
    expect(lineOf(pane(busy, 60, 8), 'db')).toContain('▂▂');
  });

  test('names that differ at their end are told apart', () => {
    const shown = aSystem(
      ['aiproxy-app', 'aiproxy-api', 'aiproxy-worker'].map((name) => aContainer(name, { restarts: 1 })),
      {},
      0,
    );
    const rows = pane(shown, 26, 8).rows.map(plainText);
    for (const short of ['aip…-api', 'aip…-app', 'aip…rker'])
      expect(rows.filter((row) => row.includes(short))).toHaveLength(1);
  });
});

describe('in order', () => {
  const watched = [aContainer('idle'), aContainer('busy'), aContainer('big'), aContainer('off', { state: 'exited' })];
  const loads = {
    idle: steady(1),
    busy: steady(90, { mebibytes: () => 20 }),
    big: steady(40, { mebibytes: () => 900 }),
  };
  const shown = aSystem(watched, loads, 60);

  test.each<[ContainerSort, readonly string[]]>([
    ['name', ['big', 'busy', 'idle', 'off']],
    ['cpu', ['busy', 'big', 'idle', 'off']],
    ['memory', ['big', 'idle', 'busy', 'off']],
  ])('of %s', (sort, keys) => {
    expect(pane(shown, 40, 10, { sort }).keys).toEqual(keys);
    expect(zoomed(shown, 100, 30, { sort }).keys).toEqual(keys);
  });

  test('one loud measurement, and what differs by less than a per cent, moves no row', () => {
    const near = aSystem(
      [aContainer('a'), aContainer('b')],
      { a: { cpu: (second) => 20 + (second % 4) / 10 }, b: { cpu: (second) => 20.3 - (second % 4) / 10 } },
      60,
    );
    const orders = Array.from(
      { length: 10 },
      (_, back) => pane({ ...near, now: near.now - back * 2000 }, 40, 8, { sort: 'cpu' }).keys,
    );
    expect(new Set(orders.map(String))).toEqual(new Set(['a,b']));
  });
});

test('fifty containers scroll, the selected one in sight, in the pane and zoomed', async () => {
  const many = Array.from({ length: 50 }, (_, index) => aContainer(`service-${index + 1}`, { image: 'busybox:1' }));
  const loads = Object.fromEntries(many.map(({ key }, index) => [key, steady(index)]));
  const shown = aSystem(many, loads, 120);
  for (const draw of [pane, zoomedAtRest]) {
    const { keys } = draw(shown, 80, 20);
    expect(keys).toHaveLength(50);
    for (const selected of keys) expect(lineOf(draw(shown, 80, 20, { selected }), `▸✔ ${selected} `)).not.toBe('');
  }
  await picture(pane(shown, 33, 12, { selected: 'service-30' }), 'fifty-33x12');
  await picture(zoomedAtRest(shown, 80, 20, { selected: 'service-50' }), 'zoom-fifty-80x20');
});

describe('zoomed', () => {
  test.each([
    [80, 20],
    [120, 36],
    [160, 44],
    [200, 56],
  ])('at %i×%i', async (width, height) => {
    await picture(zoomed(healthy, width, height), `zoom-${width}x${height}`);
  });

  test('with only ASCII every line and every bar is still told apart', async () => {
    await expect(asciiOf(zoomed(healthy, 120, 36).rows)).toMatchFileSnapshot('frames/containers-zoom-ascii-120x36.txt');
    await expect(asciiOf(pane(healthy, 78, 9).rows)).toMatchFileSnapshot('frames/containers-ascii-78x9.txt');
  });

  test('before and now stand beside each other, with what was not measured said', () => {
    const text = textOf(zoomed(healthy, 160, 44).rows);
    expect(text).toContain('CPU 14 % was 9 % · memory 180 MiB was 150 MiB, limit 512 MiB');
    expect(text).toContain('was: 5 min before 22:21:40');
    const short = aSystem(stack, stackLoads, 1800);
    const late = zoomed(short, 160, 44, {
      baseline: baselineOf(createUsageHistory(), ['aiproxy-app'], { beganAt: at(1300), now: short.now }),
    });
    expect(textOf(late.rows)).toContain('CPU 14 %, not measured before · memory 180 MiB, not measured before');
    expect(textOf(zoomedAtRest(short, 160, 44).rows)).toContain('CPU 14 % · memory 180 MiB, limit 512 MiB ·');
    const early = baselineOf(healthy.system.history, ['aiproxy-app'], { beganAt: at(120), now: healthy.now });
    expect(textOf(zoomed(healthy, 160, 44, { baseline: early, phaseStartedAt: at(120) }).rows)).toContain(
      'was: 5 min before 22:02:00, 2 measured',
    );
  });

  test('while the charts are being loaded all else stands', () => {
    const { drawChart: _, ...view } = zoomedView(healthy, { width: 120, height: 36 });
    const loading = containersZoomed(view);
    expect(loading.rows).toHaveLength(36);
    expect(textOf(loading.rows)).toContain('100 % ┤');
    expect(textOf(loading.rows)).not.toMatch(/[\u2801-\u28ff]/);
  });
});

test('what can not be read or kept is said above the rows, which stay', () => {
  const notice = 'What the containers use is not being kept: the disk is full.';
  const shown: Shown = { ...healthy, system: { ...healthy.system, notice } };
  for (const drawn of [pane(shown, 110, 10), zoomed(shown, 120, 36)]) {
    expect(textOf(drawn.rows)).toContain(`⚠ ${notice}`);
    expect(drawn.keys).toHaveLength(4);
    expect(lineOf(drawn, 'postgres')).toContain('2.5');
  }
});

describe('when there are no containers to show', () => {
  const history = createUsageHistory();
  const down: SystemSnapshot = {
    status: {
      kind: 'down',
      why: 'No Docker engine answers at /var/run/docker.sock: permission denied',
      advice: 'Add rob to the group docker and log in again.',
      retryAt: at(8),
    },
    kind: 'processes',
    watched: [],
    history,
  };
  const process: Watched = {
    key: 'attempt-7',
    id: '4711',
    name: 'Restart celery-worker',
    state: 'running',
    restarts: 0,
  };
  const processes = aSystem([process], { 'attempt-7': steady(33) }, 60, { kind: 'processes' });
  const cases: readonly (readonly [string, SystemSnapshot])[] = [
    ['down', { ...down, kind: 'containers', watched: stack }],
    ['down-no-processes', down],
    ['down-processes', { ...processes.system, status: down.status }],
    ['no-containers-asked', { ...processes.system, status: { kind: 'none' } }],
    ['connecting', { ...down, kind: 'containers', status: { kind: 'connecting' } }],
    ['nothing-there', { ...down, kind: 'containers', status: { kind: 'up' } }],
    ['nothing-runs', { ...down, status: { kind: 'none' } }],
  ];

  test.each(cases)('%s', async (name, system) => {
    const now = system.watched.length === 1 ? processes.now : at(0);
    await picture(pane({ system, now }, 26, 8), `${name}-26x8`);
    await picture(pane({ system, now }, 110, 7), `${name}-110x7`);
    await picture(zoomedAtRest({ system, now }, 80, 20), `zoom-${name}-80x20`);
  });

  test('the rows of before are not shown as if they were current', () => {
    const lost: Shown = { system: { ...healthy.system, status: down.status }, now: healthy.now };
    for (const drawn of [pane(lost, 60, 12), zoomed(lost, 120, 36)]) {
      expect(drawn.keys).toEqual([]);
      expect(textOf(drawn.rows)).not.toMatch(/healthy|14 ?%/);
      expect(textOf(drawn.rows)).toContain('permission denied');
    }
  });
});

test('at any size, with anything in it, every row has the width and there are never more than the height', () => {
  const anyContainer = fc.record({
    name: fc.oneof(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.constantFrom('漢字コンテナ', 'app\u001b[31m', 'é'.repeat(40)),
    ),
    state: fc.constantFrom('created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'),
    health: fc.constantFrom(undefined, 'starting', 'healthy', 'unhealthy'),
    restarts: fc.nat(1000),
    exitStatus: fc.constantFrom(undefined, 0, 137),
    cpu: fc.double({ min: 0, max: 6400, noNaN: true }),
    limit: fc.constantFrom(undefined, 1, 512, 1e7),
  });
  fc.assert(
    fc.property(
      fc.array(anyContainer, { maxLength: 12 }),
      fc.integer({ min: 20, max: 210 }),
      fc.integer({ min: 3, max: 60 }),
      fc.constantFrom<SystemSnapshot['status']['kind']>('up', 'none', 'connecting', 'down'),
      (all, width, height, kind) => {
        const watched = all.map(
          (one, index): Watched => ({
            ...withoutHealth(aContainer(one.name, { key: `key-${index}`, state: one.state, restarts: one.restarts })),
            ...(one.health === undefined ? {} : { health: one.health }),
            ...(one.exitStatus === undefined ? {} : { exitStatus: one.exitStatus }),
          }),
        );
        const loads = Object.fromEntries(
          all.map(({ cpu, limit }, index) => [
            `key-${index}`,
            steady(cpu, limit === undefined ? {} : { limitMebibytes: limit }),
          ]),
        );
        const status = kind === 'down' ? { kind, why: 'w'.repeat(300), advice: 'a b c', retryAt: 0 } : { kind };
        const shown = aSystem(watched, loads, 20, { status });
        for (const drawn of [pane(shown, width, height), zoomed(shown, width, height)]) {
          expect(drawn.rows.length).toBeLessThanOrEqual(height);
          for (const row of drawn.rows) expect([plainText(row), rowWidth(row)]).toEqual([plainText(row), width]);
        }
        expect(pane(shown, width, height).rows).toHaveLength(height);
      },
    ),
    { numRuns: 150 },
  );
});
