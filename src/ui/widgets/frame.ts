import type { Rect } from '../../live/cells.ts';
import { fitRow, type Row, rowWidth, type Span, type Style, span } from '../spans.ts';
import { styles } from '../theme.ts';
import type { Part } from './part.ts';
import { thumbOf } from './scroll.ts';

/** A border with a title at its left and a word at its right end. */
export type Edge = { readonly left: string; readonly right: string; readonly title: Row; readonly note: Row };

/** A row of border; a title that is too long is cut, the note goes first. */
export function edgeRow(edge: Edge, width: number, style: Style): Row {
  const inner = width - 2;
  const noteWidth = rowWidth(edge.note);
  const withNote = noteWidth > 0 && noteWidth + 10 <= inner;
  const noteCells = withNote ? noteWidth + 3 : 0;
  const titleCells =
    rowWidth(edge.title) === 0 ? 0 : Math.min(rowWidth(edge.title), Math.max(0, inner - noteCells - 3));
  const title: Row = titleCells > 0 ? [' ', ...trimmed(fitRow(edge.title, titleCells)), ' '] : [];
  const note: Row = withNote ? [' ', ...edge.note, ' ', span('─', style)] : [];
  const line = Math.max(0, inner - rowWidth(title) - rowWidth(note));
  return [span(edge.left, style), ...title, span('─'.repeat(line), style), ...note, span(edge.right, style)];
}

/** Rows between two side borders, with the thumb of a scroll bar where more rows exist than are shown. */
export function sidedRows(input: {
  readonly rows: readonly Row[];
  readonly width: number;
  readonly height: number;
  readonly style: Style;
  readonly scroll?: { readonly rows: number; readonly first: number };
}): readonly Row[] {
  const { rows, width, height, style } = input;
  const thumb = input.scroll === undefined ? undefined : thumbOf({ ...input.scroll, height });
  return Array.from({ length: height }, (_, index) => {
    const isThumb = thumb !== undefined && index >= thumb.from && index < thumb.to;
    const right: Span = isThumb ? span('┃', { ...style, bold: true }) : span('│', style);
    return [span('│', style), ...fitRow(rows[index] ?? [], width - 2), right];
  });
}

/** The borders beside a hole of a pane; what is in it costs Ink nothing. */
export function holeSides(pane: string, hole: Rect, style: Style): readonly Part[] {
  const rows = Array.from({ length: hole.height }, (): Row => [span('│', style)]);
  const side = { y: hole.y, width: 1, height: hole.height };
  return [
    { id: `${pane} left`, rect: { ...side, x: hole.x - 1 }, rows },
    { id: `${pane} right`, rect: { ...side, x: hole.x + hole.width }, rows },
  ];
}

/** The border's style: one that has the focus stands out. */
export function borderStyle(focused: boolean): Style {
  return focused ? styles.focus : styles.quiet;
}

function trimmed(row: Row): Row {
  return row.filter((part) => (typeof part === 'string' ? part : part.text) !== '');
}
