import type { Rect } from '../../live/cells.ts';
import { fitRow, type Row, rowWidth, span, styled } from '../spans.ts';
import { styles } from '../theme.ts';
import { edgeRow, sidedRows } from './frame.ts';
import { firstVisible } from './scroll.ts';

/** What an overlay shows, before its place is known. */
export type Sheet = {
  readonly title: string;
  readonly tone: 'plain' | 'danger';
  readonly note?: string;
  /** `wide`: as much of the screen as reads well. */
  readonly size: 'small' | 'wide';
  /** Stays at the top. */
  readonly head: readonly Row[];
  /** Scrolls. */
  readonly rows: readonly Row[];
  /** Row of `rows` that is kept in sight; absent: `at` is the first row shown. */
  readonly selected?: number;
  /** What is said of the selected row: in sight below it, as much as there is room for. */
  readonly about?: readonly Row[];
  /** What the largest `at` is where it counts something else than rows. */
  readonly last?: number;
  /** Output is shown below: how it is headed. */
  readonly output?: string;
};

/** A sheet at its place: its rows, where its output goes, and how far it goes. */
export type PlacedSheet = {
  readonly rect: Rect;
  readonly rows: readonly Row[];
  readonly hole?: Rect;
  readonly reach: number;
  /** How far what is said of the selected row goes on out of sight. */
  readonly aboutReach: number;
  readonly size: Sheet['size'];
  /** The attempt whose output belongs into the hole. */
  readonly attempt?: number;
};

/** Width inside of a sheet's border and margin. */
export function sheetWidth(size: Sheet['size'], body: Rect): number {
  return Math.min(size === 'wide' ? 110 : 72, body.width - (body.width > 90 ? 4 : 0)) - 4;
}

/** Rows that a sheet would like to have, border included. */
export function sheetHeight(sheet: Sheet): number {
  if (sheet.output !== undefined) return Number.MAX_SAFE_INTEGER;
  return sheet.head.length + sheet.rows.length + (sheet.about?.length ?? 0) + 4;
}

/** Draws a sheet into its place; the last row inside says which keys it has. */
export function drawSheet(input: {
  readonly sheet: Sheet;
  readonly rect: Rect;
  readonly at: number;
  /** First row of `about` that is shown. */
  readonly aboutAt: number;
  readonly keys: Row;
}): PlacedSheet {
  const { sheet, rect, keys } = input;
  const border = sheet.tone === 'danger' ? styles.bad : styles.focus;
  const title = span(sheet.title, sheet.tone === 'danger' ? styles.bad : styles.focusTitle);
  const inner = rect.height - 4;
  const head = sheet.head.slice(0, Math.max(0, inner - (sheet.rows.length === 0 ? 0 : 1)));
  const room = inner - head.length;
  const listHeight = listHeightOf(sheet, room);
  const { list, first, length, aboutReach } = listOf(sheet, listHeight, input);
  const reach = sheet.last ?? Math.max(0, length - listHeight);
  const width = rect.width;
  const margin = (row: Row): Row => [' ', ...fitRow(row, width - 4), ' '];
  const rows: Row[] = [
    edgeRow(
      { left: '╭', right: '╮', title: [title], note: sheet.note === undefined ? [] : [sheet.note] },
      width,
      border,
    ),
    ...sidedRows({ rows: head.map(margin), width, height: head.length, style: border }),
    ...sidedRows({ rows: list.map(margin), width, height: listHeight, style: border, scroll: { rows: length, first } }),
  ];
  const holeHeight = room - listHeight - 1;
  const hole =
    sheet.output === undefined || holeHeight < 1
      ? undefined
      : { x: rect.x + 1, y: rect.y + rows.length + 1, width: width - 2, height: holeHeight };
  if (hole !== undefined) {
    rows.push(edgeRow({ left: '├', right: '┤', title: [sheet.output ?? ''], note: [] }, width, border));
    rows.push(...sidedRows({ rows: [], width, height: holeHeight, style: border }));
  }
  const filler = rect.height - 3 - rows.length;
  rows.push(...sidedRows({ rows: [], width, height: Math.max(0, filler), style: border }));
  rows.push(edgeRow({ left: '├', right: '┤', title: [], note: [] }, width, border));
  rows.push(...sidedRows({ rows: [margin(keys)], width, height: 1, style: border }));
  rows.push(edgeRow({ left: '╰', right: '╯', title: [], note: [] }, width, border));
  return { rect, rows, reach, aboutReach, size: sheet.size, ...(hole === undefined ? {} : { hole }) };
}

/** Where output is shown too, it keeps at least some rows beside a list and what is said of its selected row. */
function listHeightOf({ rows, about = [], output }: Sheet, room: number): number {
  if (output === undefined) return room;
  const wanted = Math.max(3, Math.floor(room / 2), Math.min(about.length + 1, room - 5));
  return Math.min(rows.length + about.length, wanted);
}

/** The rows of the list that are in sight, with as much of what is said of the selected one as has room. */
function listOf(
  { rows, selected, about = [] }: Sheet,
  height: number,
  { at, aboutAt }: { readonly at: number; readonly aboutAt: number },
): {
  readonly list: readonly Row[];
  readonly first: number;
  readonly length: number;
  readonly aboutReach: number;
} {
  if (selected === undefined) {
    const first = Math.min(at, Math.max(0, rows.length - height));
    return { list: rows.slice(first, first + height), first, length: rows.length, aboutReach: 0 };
  }
  const most = Math.max(0, height - 1);
  const aboutReach = Math.max(0, about.length - most);
  const from = Math.min(aboutAt, aboutReach);
  const said = about.slice(from, from + most);
  const shown = from < aboutReach ? [...said.slice(0, -1), [span('… PgDn shows more', styles.quiet)]] : said;
  const all = [...rows.slice(0, selected + 1), ...shown, ...rows.slice(selected + 1)];
  const last = selected + shown.length;
  const middle = firstVisible({ rows: all.length, height, selected: selected + Math.floor(shown.length / 2) });
  const first = Math.min(selected, Math.max(middle, last - height + 1));
  return { list: all.slice(first, first + height), first, length: all.length, aboutReach };
}

/** A row of a list in a sheet, marked where it is selected. */
export function choice(row: Row, selected: boolean): Row {
  return selected ? [span('▸ ', styles.focus), ...styled(row, { bold: true })] : ['  ', ...row];
}

/** A label in a column, its text behind it. */
export function labelled(label: string, width: number, text: Row): Row {
  return [span(label.padEnd(width), styles.quiet), ' '.repeat(rowWidth([label]) > width ? 1 : 0), ...text];
}
