import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BOLD, rowText } from '../../src/live/cells.ts';
import { firstPaint } from '../../src/live/first-paint.ts';

test('is the screen without its content', () => {
  const grid = firstPaint({ columns: 24, rows: 6, title: 'Practice' });
  expect(Array.from({ length: 6 }, (_, y) => rowText(grid, y))).toEqual([
    ' Practice',
    '╭──────────────────────╮',
    '│                      │',
    '│                      │',
    '╰──────────────────────╯',
    '',
  ]);
  expect(grid.attributes[1]).toBe(BOLD);
});

test('fits every screen', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 250 }),
      fc.integer({ min: 1, max: 80 }),
      fc.string(),
      (columns, rows, title) => {
        const grid = firstPaint({ columns, rows, title });
        expect(grid.glyphs).toHaveLength(columns * rows);
        if (rows >= 5 && columns >= 10) {
          expect(rowText(grid, rows - 2)).toHaveLength(columns);
          expect(rowText(grid, rows - 1)).toBe('');
        }
      },
    ),
  );
});
