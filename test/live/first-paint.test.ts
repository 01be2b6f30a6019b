import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAnsiFrame } from '../../src/live/ansi-row.ts';
import { rowText } from '../../src/live/cells.ts';
import { firstPaint } from '../../src/live/first-paint.ts';

test('is the screen without its content', () => {
  expect(firstPaint({ columns: 24, rows: 6, title: 'Practice' }).split('\n')).toEqual([
    '\x1b[1m Practice\x1b[22m',
    '╭──────────────────────╮',
    '│                      │',
    '│                      │',
    '╰──────────────────────╯',
    '',
  ]);
});

test('fits every screen', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 250 }),
      fc.integer({ min: 1, max: 80 }),
      fc.string(),
      (columns, rows, title) => {
        const lines = firstPaint({ columns, rows, title: title.replace(/\n/g, ' ') }).split('\n');
        expect(lines.length).toBeLessThanOrEqual(rows);
        const grid = parseAnsiFrame(lines.join('\n'), columns, rows);
        if (rows >= 5 && columns >= 10) expect(rowText(grid, rows - 2).length).toBe(columns);
      },
    ),
  );
});
