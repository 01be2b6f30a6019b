import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAnsiFrame } from '../../src/live/ansi-row.ts';
import {
  BOLD,
  createGrid,
  type Grid,
  INVERSE,
  mendRow,
  paletteColour,
  putGlyph,
  rgbColour,
  rowText,
  STRIKE,
  UNDERLINE,
} from '../../src/live/cells.ts';
import { compose, diff, type Layer } from '../../src/live/compositor.ts';
import { createScreen, type Screen, type ScreenCell } from '../support/screen.ts';

const truecolour = { colours: 'rgb', ascii: false } as const;

const whole = (grid: Grid): Layer => ({ grid, at: { x: 0, y: 0, width: grid.columns, height: grid.rows } });
const frame = (text: string, columns = 20, rows = 4): Grid =>
  compose([whole(parseAnsiFrame(text, columns, rows))], { columns, rows, ...truecolour });

function expectedCell(grid: Grid, x: number, y: number): ScreenCell {
  const index = y * grid.columns + x;
  const colour = (value: number): string =>
    value === 0 ? '' : value & 0x2000000 ? `rgb:${value & 0xffffff}` : `palette:${value & 0xff}`;
  const bits = grid.attributes[index] ?? 0;
  const names = ['bold', 'dim', 'italic', 'underline', 'inverse', 'strike'].filter((_, bit) => bits & (1 << bit));
  return {
    text: grid.glyphs[index] ?? '',
    foreground: colour(grid.foregrounds[index] ?? 0),
    background: colour(grid.backgrounds[index] ?? 0),
    attributes: names.join(' '),
  };
}

function expectShown(screen: Screen, grid: Grid): void {
  for (let y = 0; y < grid.rows; y++) {
    for (let x = 0; x < grid.columns; x++) {
      const wanted = expectedCell(grid, x, y);
      const shown = screen.cell(x, y);
      // The right half of a wide glyph has no look of its own.
      if (wanted.text === '') expect(shown.text, `${x},${y}`).toBe('');
      else expect(shown, `${x},${y}`).toEqual(wanted);
    }
  }
}

const glyph = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ text: ' ', width: 1 }) },
  { weight: 6, arbitrary: fc.constantFrom(...'ab│─█✔⚠▶é'.split('')).map((text) => ({ text, width: 1 })) },
  { weight: 2, arbitrary: fc.constantFrom('日', '한', '🚀').map((text) => ({ text, width: 2 })) },
  { weight: 1, arbitrary: fc.constant({ text: 'e\u0302', width: 1 }) },
);
const style = fc.record({
  foreground: fc.constantFrom(0, 0, paletteColour(1), paletteColour(12), paletteColour(200), rgbColour(0x102030)),
  background: fc.constantFrom(0, 0, 0, paletteColour(4), paletteColour(15), rgbColour(0xffffff)),
  attributes: fc.constantFrom(0, 0, BOLD, BOLD | 2, 2, 4, UNDERLINE, INVERSE, STRIKE | INVERSE),
});
const columns = 12;
const rows = 3;
const grid = fc
  .array(
    fc.record({
      glyph,
      style,
      x: fc.nat(columns - 1),
      y: fc.nat(rows - 1),
      times: fc.integer({ min: 1, max: columns }),
    }),
    { maxLength: 24 },
  )
  .map((puts) => {
    const drawn = createGrid(columns, rows);
    for (const put of puts)
      for (let n = 0; n < put.times; n++)
        putGlyph(drawn, { x: put.x + n * put.glyph.width, y: put.y }, put.glyph, put.style);
    for (let y = 0; y < rows; y++) mendRow(drawn, y);
    return compose([whole(drawn)], { columns, rows, ...truecolour });
  });

describe('diff', () => {
  test('applied to a terminal that shows the one screen it shows the other, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(grid, { minLength: 2, maxLength: 4 }), async (grids) => {
        const screen = createScreen(columns, rows);
        let shown: Grid | undefined;
        for (const next of grids) {
          await screen.write(diff(shown, next));
          expectShown(screen, next);
          shown = next;
        }
        screen.dispose();
      }),
      { numRuns: 300 },
    );
  });

  test('of equal screens is nothing', () => {
    fc.assert(fc.property(grid, (same) => diff(same, same) === ''));
  });

  test('holds only text, SGR, cursor moves, erasing and one synchronized update', () => {
    fc.assert(
      fc.property(grid, grid, (before, after) => {
        const bytes = diff(before, after);
        if (bytes === '') return;
        expect(bytes.startsWith('\x1b[?2026h')).toBe(true);
        expect(bytes.endsWith('\x1b[?2026l')).toBe(true);
        expect(bytes.slice(8, -8).replace(/\x1b\[[\d;]*[mHCGKXJ]/g, '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
    );
  });

  test('of another size draws everything', async () => {
    const screen = createScreen(20, 4);
    await screen.write('left over from before\r\n\x1b[44m   ');
    await screen.write(diff(frame('old', 10, 2), frame('new')));
    expect(screen.rows()).toEqual(['new', '', '', '']);
    screen.dispose();
  });

  test('costs about its row: one changed log row at 200 × 50', () => {
    const text = (n: number) =>
      `${'│'.padEnd(30)}│ 2026-11-22 12:00:0${n} app-${n} GET /api/v1/health?n=${n * 7919}`.padEnd(199, `${n}`);
    const screen = (n: number) =>
      frame(Array.from({ length: 50 }, (_, y) => `${y === 20 ? text(n) : text(0)}│`).join('\n'), 200, 50);
    expect(diff(screen(1), screen(2)).length).toBeLessThan(250);
  });

  test('costs about its two rows: a selection that moves', () => {
    const row = (n: number, selected: number) =>
      n === selected
        ? `│\x1b[7m Restart celery-worker ${n}    0:42 \x1b[27m│`
        : `│ Restart celery-worker ${n}    0:42 │`;
    const screen = (selected: number) =>
      frame(Array.from({ length: 20 }, (_, n) => row(n, selected)).join('\n'), 80, 20);
    expect(diff(screen(3), screen(4)).length).toBeLessThan(140);
  });
});

describe('compose', () => {
  const base = parseAnsiFrame('aaaaaaaa\nbbbbbbbb\ncccccccc', 8, 3);
  const text = (composed: Grid): readonly string[] =>
    Array.from({ length: composed.rows }, (_, y) => rowText(composed, y));
  const screen = { columns: 8, rows: 3, ...truecolour };

  test('paints a hole over the frame', () => {
    const hole = parseAnsiFrame('12345678\n12345678', 8, 2);
    expect(text(compose([whole(base), { grid: hole, at: { x: 2, y: 1, width: 4, height: 2 } }], screen))).toEqual([
      'aaaaaaaa',
      'bb1234bb',
      'cc1234cc',
    ]);
  });

  test('leaves the frame where a dialog lies on the hole', () => {
    const hole = parseAnsiFrame('12345678\n12345678\n12345678', 8, 3);
    const layer = {
      ...whole(hole),
      except: [
        { x: 3, y: 1, width: 2, height: 1 },
        { x: 7, y: 0, width: 5, height: 5 },
      ],
    };
    expect(text(compose([whole(base), layer], screen))).toEqual(['1234567a', '123bb67b', '1234567c']);
  });

  test('cuts what lies beyond the screen, on every side', () => {
    const hole = parseAnsiFrame('123456789\n123456789', 9, 2);
    expect(text(compose([whole(base), { grid: hole, at: { x: -1, y: 2, width: 9, height: 2 } }], screen))).toEqual([
      'aaaaaaaa',
      'bbbbbbbb',
      '23456789',
    ]);
    expect(text(compose([whole(base), { grid: hole, at: { x: 6, y: -1, width: 9, height: 2 } }], screen))).toEqual([
      'aaaaaa12',
      'bbbbbbbb',
      'cccccccc',
    ]);
  });

  test('makes blanks of wide glyphs that a border cuts in half', () => {
    const wide = parseAnsiFrame('日日日日', 8, 1);
    const over = parseAnsiFrame('xxx', 3, 1);
    expect(
      text(compose([whole(wide), { grid: over, at: { x: 1, y: 0, width: 3, height: 1 } }], { ...screen, rows: 1 })),
    ).toEqual([' xxx日日']);
    expect(
      text(compose([whole(wide), { grid: over, at: { x: 2, y: 0, width: 3, height: 1 } }], { ...screen, rows: 1 })),
    ).toEqual(['日xxx 日']);
  });

  test('does not change its layers', () => {
    const before = structuredClone(base);
    compose([whole(base)], { ...screen, colours: 'none', ascii: true });
    expect(base).toEqual(before);
  });
});

describe('what the terminal can show', () => {
  const drawn = parseAnsiFrame('\x1b[1;31m╭─✔\x1b[22m ü\x1b[38;2;255;0;0m日\x1b[7m ▶\x1b[m⠿…', 14, 1);

  test('without colours the attributes stay', () => {
    const plain = compose([whole(drawn)], { columns: 14, rows: 1, colours: 'none', ascii: false });
    expect(plain.foregrounds.every((colour) => colour === 0)).toBe(true);
    expect((plain.attributes[0] ?? 0) & BOLD).toBe(BOLD);
    expect(plain.attributes[8]).toBe(INVERSE);
  });

  test('in ASCII nothing else is left, and every column stays in its place', () => {
    const ascii = compose([whole(drawn)], { columns: 14, rows: 1, colours: 'rgb', ascii: true });
    expect(rowText(ascii, 0)).toBe('+-v u?  >|.');
  });

  test('in ASCII bars keep their heights apart, and dots the line they lie on', () => {
    const bars = parseAnsiFrame('▁▂▃▄▅▆▇█ ⠉⠒⠤⣀ ⠅⡇', 16, 1);
    const ascii = compose([whole(bars)], { columns: 16, rows: 1, colours: 'none', ascii: true });
    expect(rowText(ascii, 0)).toBe("_.-=+*## '--_ :|");
  });

  test('direct colours become the nearest of 256', () => {
    const plainer = compose([whole(drawn)], { columns: 14, rows: 1, colours: '256', ascii: false });
    expect(plainer.foregrounds[5]).toBe(paletteColour(196));
    expect(plainer.foregrounds[0]).toBe(paletteColour(1));
  });
});
