import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Rect } from '../../src/live/cells.ts';
import { dialogRect, type Layout, type LayoutInput, layOut } from '../../src/ui/layout.ts';

const inputs: fc.Arbitrary<LayoutInput> = fc.record({
  columns: fc.integer({ min: 1, max: 400 }),
  rows: fc.integer({ min: 1, max: 150 }),
  focus: fc.constantFrom('phases', 'steps', 'output', 'containers', 'logs'),
  zoom: fc.boolean(),
  phases: fc.integer({ min: 1, max: 40 }),
  listRows: fc.integer({ min: 1, max: 80 }),
  detailRows: fc.integer({ min: 0, max: 60 }),
  output: fc.boolean(),
  logs: fc.boolean(),
  banner: fc.integer({ min: 0, max: 30 }),
});

const typical: LayoutInput = {
  columns: 160,
  rows: 48,
  focus: 'steps',
  zoom: false,
  phases: 5,
  listRows: 9,
  detailRows: 0,
  output: true,
  logs: true,
  banner: 0,
};

test('header, banner, panes, message and footer tile the screen at any size', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const layout = layOut(input);
      if (layout.kind === 'too small') {
        expect(input.columns < 60 || input.rows < 16).toBe(true);
        return;
      }
      const rects = tiles(layout);
      const cells = new Uint8Array(input.columns * input.rows);
      for (const rect of rects) {
        expect(rect.x >= 0 && rect.y >= 0 && rect.width > 0 && rect.height > 0).toBe(true);
        expect(rect.x + rect.width <= input.columns && rect.y + rect.height <= input.rows).toBe(true);
        for (let y = rect.y; y < rect.y + rect.height; y += 1) {
          for (let x = rect.x; x < rect.x + rect.width; x += 1) {
            const cell = y * input.columns + x;
            cells[cell] = (cells[cell] ?? 0) + 1;
          }
        }
      }
      expect(cells.every((count) => count === 1)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('the hole lies inside the border of its pane, and only where there is output', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const layout = layOut(input);
      const pane = layout.kind === 'screen' ? layout.panes.find((one) => one.id === 'output') : undefined;
      if (pane?.id !== 'output') return;
      expect(pane.hole !== undefined).toBe(input.output);
      for (const rect of [pane.hole, pane.detail, pane.content]) {
        if (rect === undefined || rect.height === 0) continue;
        expect(rect.x).toBe(pane.rect.x + 1);
        expect(rect.width).toBe(pane.rect.width - 2);
        expect(rect.y).toBeGreaterThan(pane.rect.y);
        expect(rect.y + rect.height).toBeLessThan(pane.rect.y + pane.rect.height);
      }
    }),
  );
});

test('a dialog lies inside of the body, however much it wants', () => {
  fc.assert(
    fc.property(inputs, fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (input, width, height) => {
      const layout = layOut(input);
      if (layout.kind === 'too small') return;
      const { body } = layout;
      const rect = dialogRect(body, { width, height });
      expect(rect.x >= body.x && rect.x + rect.width <= body.x + body.width).toBe(true);
      expect(rect.y >= body.y && rect.y + rect.height <= body.y + body.height).toBe(true);
    }),
  );
});

test('a hole for lines lies inside the border of the logs', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const layout = layOut(input);
      const pane = layout.kind === 'screen' ? layout.panes.find((one) => one.id === 'logs') : undefined;
      if (pane?.id !== 'logs') return;
      const { x, y, width, height } = pane.rect;
      expect(pane.hole).toEqual({ x: x + 1, y: y + 1, width: width - 2, height: height - 2 });
    }),
  );
});

test('what is selected, and a banner of one row, do not change the size that running commands see', () => {
  const content = (more: Partial<LayoutInput>) => {
    const layout = layOut({ ...typical, ...more });
    const pane = layout.kind === 'screen' ? layout.panes.find((one) => one.id === 'output') : undefined;
    return pane?.id === 'output' ? pane.content : undefined;
  };
  expect(content({ detailRows: 5 })).toEqual(content({}));
  expect(content({ output: false })).toEqual(content({}));
  expect(content({ listRows: 1, banner: 1 })).toEqual(content({ listRows: 1 }));
  for (const [columns, rows] of [
    [160, 48],
    [80, 24],
    [60, 16],
  ] as const)
    expect(content({ columns, rows, banner: 1 })).toEqual(content({ columns, rows }));
});

test.each([
  [160, 48, 'column'],
  [100, 30, 'column'],
  [99, 30, 'strip'],
  [80, 24, 'strip'],
  [60, 16, 'strip'],
] as const)('at %i×%i the phases are a %s', (columns, rows, shape) => {
  const layout = layOut({ ...typical, columns, rows });
  expect(layout.kind === 'screen' && layout.panes[0]).toMatchObject({ id: 'phases', shape });
});

test('a banner leaves room for a short list, and at any size for a row of a long one', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const rowsOf = (banner: number) => {
        const steps = panesOf(layOut({ ...input, zoom: false, banner })).find((pane) => pane.id === 'steps');
        return steps?.content.height ?? 1;
      };
      expect(rowsOf(1)).toBeGreaterThanOrEqual(Math.min(input.listRows, rowsOf(0) - 1));
      for (const banner of [1, input.banner]) expect(rowsOf(banner)).toBeGreaterThan(0);
    }),
  );
});

test.each([
  [160, 48, ['phases', 'containers', 'steps', 'output', 'logs']],
  [100, 30, ['phases', 'containers', 'steps', 'output', 'logs']],
  [100, 28, ['phases', 'steps', 'output']],
  [80, 24, ['phases', 'steps', 'output']],
  [90, 60, ['phases', 'steps', 'output']],
] as const)('at %i×%i there is room for %j', (columns, rows, panes) => {
  const layout = layOut({ ...typical, columns, rows });
  expect(layout.kind === 'screen' && layout.panes.map((pane) => pane.id)).toEqual(panes);
});

test.each(['containers', 'logs'] as const)('where there is no room %s takes the place of the output', (focus) => {
  const small = { ...typical, columns: 80, rows: 24 };
  const [phases, steps, lower] = panesOf(layOut({ ...small, focus }));
  expect([phases, steps]).toEqual(panesOf(layOut(small)).slice(0, 2));
  expect(lower?.id).toBe(focus);
  expect(lower?.rect).toEqual(panesOf(layOut(small))[2]?.rect);
});

test('without anything to follow there is no pane for logs, and the output has its place', () => {
  const panes = panesOf(layOut({ ...typical, logs: false }));
  expect(panes.map((pane) => pane.id)).toEqual(['phases', 'containers', 'steps', 'output']);
});

test.each(['phases', 'steps', 'output', 'containers', 'logs'] as const)('zoom gives %s the whole body', (focus) => {
  const layout = layOut({ ...typical, focus, zoom: true });
  expect(layout).toMatchObject({ panes: [{ id: focus, rect: { x: 0, y: 1, width: 160, height: 45 } }] });
});

test.each([
  [59, 48],
  [160, 15],
  [1, 1],
])('%i×%i is too small', (columns, rows) => {
  expect(layOut({ ...typical, columns, rows })).toEqual({ kind: 'too small', columns, rows });
});

function panesOf(layout: Layout) {
  return layout.kind === 'screen' ? layout.panes : [];
}

function tiles(layout: Extract<Layout, { kind: 'screen' }>): readonly Rect[] {
  const banner = layout.banner === undefined ? [] : [layout.banner];
  return [layout.header, ...banner, ...layout.panes.map((pane) => pane.rect), layout.message, layout.footer];
}
