import { BOLD, type CellStyle, createGrid, type Grid, PLAIN, putGlyph } from './cells.ts';

/** How wide the column of closed phases beside the open one is. */
const SIDE_COLUMNS = 28;
const NARROW_COLUMNS = 100;

/**
 * The screen's skeleton: drawn while the rest of the program is still being loaded, so that the terminal answers at
 * once. Imports nothing that takes time to load, such as what knows the widths of characters.
 *
 * @param options.title only of characters that fill one column each
 */
export function firstPaint(options: { readonly columns: number; readonly rows: number; readonly title: string }): Grid {
  const { columns, rows } = options;
  const grid = createGrid(columns, rows);
  write(grid, { x: 0, y: 0 }, ` ${options.title}`, { ...PLAIN, attributes: BOLD });
  const height = rows - 2;
  if (height < 3 || columns < 10) return grid;
  const side = columns < NARROW_COLUMNS ? 0 : SIDE_COLUMNS;
  if (side > 0) box(grid, { x: 0, width: side, height });
  box(grid, { x: side, width: columns - side, height });
  return grid;
}

function box(grid: Grid, at: { readonly x: number; readonly width: number; readonly height: number }): void {
  const { x, width, height } = at;
  const across = '─'.repeat(width - 2);
  write(grid, { x, y: 1 }, `╭${across}╮`, PLAIN);
  for (let y = 2; y < height; y++) write(grid, { x, y }, `│${' '.repeat(width - 2)}│`, PLAIN);
  write(grid, { x, y: height }, `╰${across}╯`, PLAIN);
}

function write(grid: Grid, at: { readonly x: number; readonly y: number }, text: string, style: CellStyle): void {
  for (const [offset, glyph] of Array.from(text).entries())
    putGlyph(grid, { x: at.x + offset, y: at.y }, { text: glyph, width: 1 }, style);
}
