import { BOLD, type CellStyle, DIM, type Grid, INVERSE, PLAIN, paletteColour, putGlyph } from './cells.ts';
import { eachGlyph } from './glyph.ts';
import type { TextRange } from './line-search.ts';
import type { LogEntry } from './log-ring.ts';

/** How rows are divided. */
export type RowShape = {
  readonly columns: number;
  readonly wrap: boolean;
  /** Columns of the time, its gap included; 0: it is not shown. */
  readonly stamp: number;
  /** Columns of the source's name; 0: it is not shown. */
  readonly name: number;
  /** Column at which the text begins, and how many it has. */
  readonly textAt: number;
  readonly text: number;
};

/** A source as it is drawn. */
export type RowSource = { readonly name: string; readonly index: number };

/** Places in the terminal's palette for the sources, in the order of appearance: cyan, green, magenta, blue, yellow. Red is kept for errors. */
export const sourceColours: readonly number[] = [6, 2, 5, 4, 3];

const MARK_COLUMNS = 1;
const STAMP_COLUMNS = 9;
const LEAST_TEXT = 10;
const LEAST_NAME = 4;
const MOST_NAME = 20;
const WIDE_ENOUGH_FOR_GAPS = 60;
// A letter with three marks takes so many UTF-16 units at most, so that more are not looked at for one cell.
const UNITS_A_CELL = 8;
const RED = paletteColour(1);
const QUIET: CellStyle = { ...PLAIN, attributes: DIM };
const ERROR: CellStyle = { ...PLAIN, foreground: RED };
const MARK: CellStyle = { ...PLAIN, foreground: RED, attributes: BOLD };
const ASCII = /^[\x20-\x7e]*$/;

/** Divides the columns: the text keeps at least ten where there are so many. */
export function rowShape(options: {
  readonly columns: number;
  readonly stamps: boolean;
  readonly wrap: boolean;
  readonly longestName: number;
}): RowShape {
  const { columns, wrap, longestName } = options;
  const gaps = columns >= WIDE_ENOUGH_FOR_GAPS ? 3 : 1;
  const most = Math.max(LEAST_NAME, Math.min(MOST_NAME, Math.floor(columns / 5)));
  const wanted = Math.min(longestName, most);
  const name = MARK_COLUMNS + wanted + gaps + LEAST_TEXT <= columns ? wanted : 0;
  const named = name === 0 ? 0 : name + gaps;
  const stamp = options.stamps && MARK_COLUMNS + named + STAMP_COLUMNS + LEAST_TEXT <= columns ? STAMP_COLUMNS : 0;
  const textAt = Math.min(MARK_COLUMNS + stamp + named, Math.max(0, columns - 1));
  return { columns, wrap, stamp, name, textAt, text: Math.max(1, columns - textAt) };
}

/** How many rows an entry takes. */
export function rowsOf(entry: LogEntry, shape: RowShape, ranges: readonly TextRange[]): number {
  if (!shape.wrap || entry.leftOut > 0) return 1;
  if (ASCII.test(entry.text)) return Math.max(1, Math.ceil(entry.text.length / shape.text));
  let rows = 1;
  eachPlace(entry.text, ranges, shape, ({ y }) => {
    rows = y + 1;
  });
  return rows;
}

/** Draws an entry from its row `fromRow` on into the grid from row `y` on; gives the row after it. */
export function drawEntry(
  grid: Grid,
  y: number,
  drawn: {
    readonly entry: LogEntry;
    readonly fromRow: number;
    readonly source: RowSource;
    readonly ranges: readonly TextRange[];
    readonly shape: RowShape;
  },
): number {
  const { entry, fromRow, source, shape } = drawn;
  const colour = paletteColour(sourceColours[source.index % sourceColours.length] ?? 0);
  const rows = rowsOf(entry, shape, drawn.ranges) - fromRow;
  for (let row = 0; row < rows; row++) drawBorder(grid, y + row, shape, colour);
  if (fromRow === 0) drawPrefix(grid, y, entry, { shape, name: source.name, colour });
  if (entry.leftOut > 0) {
    const text = `… ${entry.leftOut.toLocaleString('en')} lines of ${source.name} came too fast and were left out`;
    drawText(grid, y, { text, ranges: [], fromRow: 0 }, { shape, style: QUIET });
    return y + 1;
  }
  const style = entry.isError ? ERROR : PLAIN;
  drawText(grid, y, { text: entry.text, ranges: drawn.ranges, fromRow }, { shape, style });
  return y + rows;
}

function drawBorder(grid: Grid, y: number, { name, textAt, columns }: RowShape, foreground: number): void {
  if (name === 0) return;
  const x = columns >= WIDE_ENOUGH_FOR_GAPS ? textAt - 2 : textAt - 1;
  putGlyph(grid, { x, y }, { text: '│', width: 1 }, { ...PLAIN, foreground });
}

function drawPrefix(
  grid: Grid,
  y: number,
  entry: LogEntry,
  { shape, name, colour }: { readonly shape: RowShape; readonly name: string; readonly colour: number },
): void {
  if (entry.isError && shape.textAt > 0) putGlyph(grid, { x: 0, y }, { text: '!', width: 1 }, MARK);
  if (shape.stamp > 0) drawPlain(grid, { x: MARK_COLUMNS, y }, timeOfDay(entry.at), QUIET);
  if (shape.name > 0)
    drawPlain(
      grid,
      { x: MARK_COLUMNS + shape.stamp, y },
      shortName(name, shape.name),
      { ...PLAIN, foreground: colour },
      shape.name,
    );
}

function drawPlain(
  grid: Grid,
  at: { readonly x: number; readonly y: number },
  text: string,
  style: CellStyle,
  columns = STAMP_COLUMNS,
): void {
  let used = 0;
  eachGlyph(text, (glyph, width) => {
    if (used + width > columns) return;
    putGlyph(grid, { x: at.x + used, y: at.y }, { text: glyph, width }, style);
    used += width;
  });
}

/** Cut in its middle: what tells names apart is often at their end. */
function shortName(name: string, columns: number): string {
  if (name.length <= columns) return name;
  const last = Math.floor((columns - 1) / 2);
  return `${name.slice(0, columns - 1 - last)}…${last === 0 ? '' : name.slice(-last)}`;
}

/** `HH:MM:SS`, where the operator is. */
function timeOfDay(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

function drawText(
  grid: Grid,
  y: number,
  { text, ranges, fromRow }: { readonly text: string; readonly ranges: readonly TextRange[]; readonly fromRow: number },
  { shape, style }: { readonly shape: RowShape; readonly style: CellStyle },
): void {
  const match = { ...style, attributes: style.attributes | INVERSE };
  eachPlace(text, ranges, shape, (place) => {
    const at = { x: shape.textAt + place.x, y: y + place.y - fromRow };
    if (place.y < fromRow || at.y >= grid.rows) return;
    putGlyph(grid, at, { text: place.text, width: place.width }, place.isMatch ? match : style);
  });
}

type Place = {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly width: 1 | 2;
  readonly isMatch: boolean;
};

/** Gives each glyph its place in the columns of the text: in further rows where it wraps, else up to an ellipsis. */
function eachPlace(text: string, ranges: readonly TextRange[], shape: RowShape, put: (place: Place) => void): void {
  let x = 0;
  let y = 0;
  let isCut = false;
  const looked = shape.wrap ? text : text.slice(0, (shape.text + 1) * UNITS_A_CELL);
  for (const part of partsOf(looked, ranges)) {
    eachGlyph(part.text, (glyph, glyphWidth) => {
      if (isCut) return;
      const fits = glyphWidth <= shape.text;
      const width = fits ? glyphWidth : 1;
      if (x + width > shape.text && shape.wrap) {
        x = 0;
        y++;
      }
      isCut = x + width > shape.text;
      if (isCut) put({ x: shape.text - 1, y, text: '…', width: 1, isMatch: false });
      else put({ x, y, text: fits ? glyph : '…', width, isMatch: part.isMatch });
      x += width;
    });
    if (isCut) return;
  }
}

/** The text divided where matches begin and end, never within a character. */
function partsOf(
  text: string,
  ranges: readonly TextRange[],
): readonly { readonly text: string; readonly isMatch: boolean }[] {
  if (ranges.length === 0) return [{ text, isMatch: false }];
  const parts: { readonly text: string; readonly isMatch: boolean }[] = [];
  let done = 0;
  const upTo = (place: number, isMatch: boolean) => {
    const end = isWithinCharacter(text, place) ? place + 1 : place;
    if (end > done) parts.push({ text: text.slice(done, end), isMatch });
    done = Math.max(done, end);
  };
  for (const { from, to } of ranges) {
    if (from >= text.length) break;
    upTo(from, false);
    upTo(to, true);
  }
  upTo(text.length, false);
  return parts;
}

function isWithinCharacter(text: string, place: number): boolean {
  return (text.charCodeAt(place) & 0xfc00) === 0xdc00 && (text.charCodeAt(place - 1) & 0xfc00) === 0xd800;
}
