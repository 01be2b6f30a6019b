/**
 * A rectangle of terminal cells, in flat arrays of `columns × rows` entries, row by row.
 *
 * Invariants, kept by {@link putGlyph} and {@link mendRow}: a wide glyph has {@link WIDE} in its
 * `attributes`, the cell to its right holds the empty string and carries the same colours and
 * attributes (without WIDE); no other cell is empty; glyphs hold no control character.
 */
export type Grid = {
  readonly columns: number;
  readonly rows: number;
  readonly glyphs: string[];
  /** Foregrounds, as made by {@link paletteColour} and {@link rgbColour}; 0 is the terminal's own. */
  readonly foregrounds: Int32Array;
  /** Backgrounds, likewise. */
  readonly backgrounds: Int32Array;
  /** Bit sets of {@link BOLD} … {@link STRIKE}, and WIDE. */
  readonly attributes: Uint8Array;
};

/** How a cell looks. */
export type CellStyle = { readonly foreground: number; readonly background: number; readonly attributes: number };

/** A place on the screen, in cells from its top left corner. */
export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export const BOLD = 1;
export const DIM = 2;
export const ITALIC = 4;
export const UNDERLINE = 8;
export const INVERSE = 16;
export const STRIKE = 32;
/** The cell is the left half of a glyph two columns wide. */
export const WIDE = 64;

const PALETTE = 0x1000000;
const RGB = 0x2000000;

/** The terminal's own colours, nothing set. */
export const PLAIN: CellStyle = { foreground: 0, background: 0, attributes: 0 };

/** One of the 256 colours of a terminal; 0–15 are the named ones. */
export function paletteColour(index: number): number {
  return PALETTE | (index & 0xff);
}

/** A direct colour, `0xRRGGBB`. */
export function rgbColour(rgb: number): number {
  return RGB | (rgb & 0xffffff);
}

/** Whether the colour is a direct one rather than the default or one of the palette. */
export function isRgb(colour: number): boolean {
  return (colour & RGB) !== 0;
}

/** A grid of blanks. */
export function createGrid(columns: number, rows: number): Grid {
  const size = Math.max(0, columns) * Math.max(0, rows);
  return {
    columns: Math.max(0, columns),
    rows: Math.max(0, rows),
    glyphs: Array<string>(size).fill(' '),
    foregrounds: new Int32Array(size),
    backgrounds: new Int32Array(size),
    attributes: new Uint8Array(size),
  };
}

/** Writes one glyph at a column of a row; one that does not fit becomes a blank. Neighbours cut in half are left to {@link mendRow}. */
export function putGlyph(
  grid: Grid,
  at: { readonly x: number; readonly y: number },
  glyph: { readonly text: string; readonly width: number },
  style: CellStyle,
): void {
  if (at.x < 0 || at.y < 0 || at.x >= grid.columns || at.y >= grid.rows) return;
  const index = at.y * grid.columns + at.x;
  const isWide = glyph.width === 2 && at.x + 1 < grid.columns;
  grid.glyphs[index] = glyph.width === 2 && !isWide ? ' ' : glyph.text;
  grid.foregrounds[index] = style.foreground;
  grid.backgrounds[index] = style.background;
  grid.attributes[index] = style.attributes | (isWide ? WIDE : 0);
  if (isWide) {
    grid.glyphs[index + 1] = '';
    grid.foregrounds[index + 1] = style.foreground;
    grid.backgrounds[index + 1] = style.background;
    grid.attributes[index + 1] = style.attributes;
  }
}

/** Copies a part of one grid onto another, cell by cell; what lies outside either is left out. */
export function copyCells(
  target: Grid,
  source: Grid,
  part: {
    readonly fromX: number;
    readonly fromY: number;
    readonly toX: number;
    readonly toY: number;
    readonly width: number;
  },
): void {
  if (part.fromY < 0 || part.fromY >= source.rows || part.toY < 0 || part.toY >= target.rows) return;
  const start = Math.max(0, -part.fromX, -part.toX);
  const end = Math.min(part.width, source.columns - part.fromX, target.columns - part.toX);
  let from = part.fromY * source.columns + part.fromX + start;
  let to = part.toY * target.columns + part.toX + start;
  for (let count = end - start; count > 0; count--, from++, to++) {
    target.glyphs[to] = source.glyphs[from] ?? ' ';
    target.foregrounds[to] = source.foregrounds[from] ?? 0;
    target.backgrounds[to] = source.backgrounds[from] ?? 0;
    target.attributes[to] = source.attributes[from] ?? 0;
  }
}

/** Makes blanks of wide glyphs that lost one of their halves, so that the invariants of a grid hold again in this row. */
export function mendRow(grid: Grid, y: number): void {
  const start = y * grid.columns;
  const end = start + grid.columns;
  for (let index = start; index < end; index++) {
    const attributes = grid.attributes[index] ?? 0;
    if ((attributes & WIDE) !== 0) {
      if (index + 1 < end && grid.glyphs[index + 1] === '') {
        index++;
        continue;
      }
      grid.attributes[index] = attributes & ~WIDE;
      grid.glyphs[index] = ' ';
    } else if (grid.glyphs[index] === '') {
      grid.glyphs[index] = ' ';
    }
  }
}

/** The text of one row, without blanks at its end. */
export function rowText(grid: Grid, y: number): string {
  return grid.glyphs
    .slice(y * grid.columns, (y + 1) * grid.columns)
    .join('')
    .trimEnd();
}
