import { type CellStyle, copyCells, createGrid, type Grid, mendRow, PLAIN, type Rect, WIDE } from './cells.ts';
import { degrade, type Palette } from './degrade.ts';
import { sgrBetween } from './sgr.ts';
import { isSteady } from './steady-glyph.ts';

/** One sheet of cells on the screen. Later layers lie above earlier ones. */
export type Layer = {
  readonly grid: Grid;
  /** Where the sheet's top left cell lies, and how much of it is shown. */
  readonly at: Rect;
  /** Places on the screen that this layer leaves to those below it: dialogs drawn there. */
  readonly except?: readonly Rect[];
};

const BEGIN_UPDATE = '\x1b[?2026h';
const END_UPDATE = '\x1b[?2026l';
const CLEAR_SCREEN = '\x1b[m\x1b[2J';
const MIN_ERASED_TO_END = 4;
const MIN_ERASED_INSIDE = 8;
const MAX_REWRITTEN_GAP = 3;

/** Lays the layers over each other and fits the result to the terminal. Pure: the layers are not changed. */
export function compose(
  layers: readonly Layer[],
  screen: { readonly columns: number; readonly rows: number } & Palette,
): Grid {
  const grid = createGrid(screen.columns, screen.rows);
  for (const layer of layers) paintLayer(grid, layer);
  for (let y = 0; y < grid.rows; y++) mendRow(grid, y);
  degrade(grid, screen);
  return grid;
}

/**
 * The bytes that make a terminal which shows `previous` show `next`: one synchronized update (DEC
 * private mode 2026), or the empty string where nothing differs. Without `previous`, or with one of
 * another size, everything is drawn. It expects autowrap in any state, no colours set and the cursor
 * anywhere, and leaves no colours set and the cursor anywhere.
 */
export function diff(previous: Grid | undefined, next: Grid): string {
  const known =
    previous !== undefined && previous.columns === next.columns && previous.rows === next.rows ? previous : undefined;
  const pen = createPen();
  if (known === undefined) pen.write(CLEAR_SCREEN);
  const before = known ?? createGrid(next.columns, next.rows);
  for (let y = 0; y < next.rows; y++) diffRow(pen, before, next, y);
  pen.style(PLAIN);
  const bytes = pen.bytes();
  return bytes === '' ? '' : BEGIN_UPDATE + bytes + END_UPDATE;
}

function paintLayer(grid: Grid, { grid: source, at, except = [] }: Layer): void {
  for (let row = 0; row < Math.min(at.height, source.rows); row++) {
    const y = at.y + row;
    let spans = [{ from: at.x, to: at.x + Math.min(at.width, source.columns) }];
    for (const hole of except) {
      if (y < hole.y || y >= hole.y + hole.height) continue;
      spans = spans.flatMap(({ from, to }) => [
        { from, to: Math.min(to, hole.x) },
        { from: Math.max(from, hole.x + hole.width), to },
      ]);
    }
    for (const { from, to } of spans) {
      if (from < to) copyCells(grid, source, { fromX: from - at.x, fromY: row, toX: from, toY: y, width: to - from });
    }
  }
}

function diffRow(pen: Pen, before: Grid, next: Grid, y: number): void {
  let isForced = false;
  for (let x = 0; x < next.columns; ) {
    const index = y * next.columns + x;
    if (!isForced && isSameCell(before, next, index)) {
      x++;
      continue;
    }
    isForced = false;
    const blankTo = endOfBlanks(next, x, y);
    if (blankTo === next.columns && blankTo - x >= MIN_ERASED_TO_END) {
      pen.erase(x, y, '\x1b[K');
      return;
    }
    if (blankTo - x >= MIN_ERASED_INSIDE) {
      pen.erase(x, y, `\x1b[${blankTo - x}X`);
      x = blankTo;
      continue;
    }
    const isSteadyGlyph = pen.cell(next, x, y);
    const isWide = isWideAt(next, index);
    // A terminal that draws the glyph wider than we count has just covered its neighbour.
    isForced = !isSteadyGlyph && !isWide;
    x += isWide ? 2 : 1;
  }
}

type Pen = {
  readonly write: (bytes: string) => void;
  readonly style: (style: CellStyle) => void;
  readonly erase: (x: number, y: number, sequence: string) => void;
  /** Writes a glyph; false: the cursor's place is uncertain now. */
  readonly cell: (grid: Grid, x: number, y: number) => boolean;
  readonly bytes: () => string;
};

/** Collects bytes and knows which style is set and where the cursor stands (-1: not known). */
function createPen(): Pen {
  let out = '';
  let style: CellStyle = PLAIN;
  let cursorX = -1;
  let cursorY = -1;
  const setStyle = (to: CellStyle): void => {
    out += sgrBetween(style, to);
    style = to;
  };
  const move = (x: number, y: number): void => {
    if (cursorY === y && cursorX === x) return;
    if (cursorY === y && cursorX >= 0 && cursorX < x) out += x - cursorX === 1 ? '\x1b[C' : `\x1b[${x - cursorX}C`;
    else if (cursorY === y) out += `\x1b[${x + 1}G`;
    else out += x === 0 ? `\x1b[${y + 1}H` : `\x1b[${y + 1};${x + 1}H`;
    cursorX = x;
    cursorY = y;
  };
  const bridge = (grid: Grid, x: number, y: number): void => {
    if (cursorY !== y || cursorX < 0 || x - cursorX < 1 || x - cursorX > MAX_REWRITTEN_GAP) return;
    const start = y * grid.columns + cursorX;
    const gap = grid.glyphs.slice(start, start + x - cursorX);
    const isCheap = gap.every((glyph, offset) => isAscii(glyph) && isSameStyle(styleAt(grid, start + offset), style));
    if (!isCheap) return;
    out += gap.join('');
    cursorX = x;
  };
  return {
    write: (bytes) => {
      out += bytes;
    },
    style: setStyle,
    erase: (x, y, sequence) => {
      move(x, y);
      setStyle({ ...PLAIN, background: 0 });
      out += sequence;
    },
    cell: (grid, x, y) => {
      bridge(grid, x, y);
      move(x, y);
      const index = y * grid.columns + x;
      const glyph = grid.glyphs[index] ?? ' ';
      const width = isWideAt(grid, index) ? 2 : 1;
      setStyle(styleAt(grid, index));
      const steady = isSteady(glyph, width === 2);
      // A terminal that draws the glyph narrower than we count must not leave old cells beside it.
      if (!steady && width === 2) out += '\x1b[2X';
      out += glyph;
      cursorX = steady && x + width < grid.columns ? x + width : -1;
      return steady;
    },
    bytes: () => out,
  };
}

function styleAt(grid: Grid, index: number): CellStyle {
  return {
    foreground: grid.foregrounds[index] ?? 0,
    background: grid.backgrounds[index] ?? 0,
    attributes: (grid.attributes[index] ?? 0) & ~WIDE,
  };
}

function isSameStyle(a: CellStyle, b: CellStyle): boolean {
  return a.foreground === b.foreground && a.background === b.background && a.attributes === b.attributes;
}

function isWideAt(grid: Grid, index: number): boolean {
  return ((grid.attributes[index] ?? 0) & WIDE) !== 0;
}

function isAscii(glyph: string): boolean {
  return glyph.length === 1 && glyph >= ' ' && glyph <= '~';
}

function isSameCell(a: Grid, b: Grid, index: number): boolean {
  return (
    a.glyphs[index] === b.glyphs[index] &&
    a.foregrounds[index] === b.foregrounds[index] &&
    a.backgrounds[index] === b.backgrounds[index] &&
    a.attributes[index] === b.attributes[index]
  );
}

/** The column after the last of the blanks without any style that begin at `x`. */
function endOfBlanks(grid: Grid, x: number, y: number): number {
  let end = x;
  for (let index = y * grid.columns + x; end < grid.columns; end++, index++) {
    if (grid.glyphs[index] !== ' ' || grid.backgrounds[index] !== 0 || grid.attributes[index] !== 0) break;
  }
  return end;
}
