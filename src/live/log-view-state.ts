import type { BookChange, LogBook } from './log-book.ts';
import { createLogFilter, type LogFilter } from './log-filter.ts';
import { earlier, isBefore, type LogPlace, lastPage, movedDown, movedUp, type PageGround } from './log-page.ts';
import type { LogEntry } from './log-ring.ts';
import { type RowShape, rowShape, rowsOf } from './log-row.ts';
import type { LogSettings } from './log-status.ts';
import type { ShownEntries } from './shown-entries.ts';

/** What a person asks of the list: to be moved (down where positive), or to be at one of its ends. */
export type LogScroll =
  | { readonly kind: 'lines' | 'pages'; readonly by: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

/** What a view of a book knows; changed by the functions beside it. */
export type LogViewState = {
  readonly book: LogBook;
  readonly shown: ShownEntries;
  columns: number;
  height: number;
  settings: LogSettings;
  filter: LogFilter;
  /** Where the page begins; undefined: it ends with the last line. */
  top: { readonly entry: LogEntry; readonly row: number } | undefined;
  /** What the page shows while it does not follow: it is drawn on when it dropped out of the book. */
  held: readonly LogEntry[];
  newLines: number;
  /** Entries from this id on came since following was left. */
  leftAtId: number;
};

/** The filter of these settings, for the sources of this book. */
export function filterFor(book: LogBook, settings: LogSettings): LogFilter {
  return createLogFilter(settings, () => book.status().sources.map(({ key }) => key));
}

/** Follows what happened to the book. */
export function follow(state: LogViewState, change: BookChange): void {
  const lines = state.shown.follow(change);
  if (change.kind === 'cleared') Object.assign(state, { top: undefined, held: [], newLines: 0 });
  if (state.top !== undefined) state.newLines += lines;
}

/** Shows other lines, or shows them otherwise; the page begins with the same line where that still passes. */
export function setTo(state: LogViewState, settings: LogSettings): void {
  const { filter, hidden } = state.settings;
  state.settings = settings;
  if (filter === settings.filter && isSameList(hidden, settings.hidden)) {
    keepPage(state);
    return;
  }
  state.filter = filterFor(state.book, settings);
  state.shown.refilter(state.filter);
  if (state.top === undefined) return;
  state.newLines = 0;
  for (let index = 0; index < state.shown.count(); index++) {
    const entry = state.shown.at(index);
    if (entry !== undefined && entry.id >= state.leftAtId && entry.leftOut === 0) state.newLines++;
  }
  const ground = groundOf(state);
  const place = { index: state.shown.indexOf(state.top.entry.position), row: 0 };
  moveTo(state, ground, earlier(place, lastPage(ground)));
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, place) => value === other[place]);
}

/** Moves the page. */
export function scrollBy(state: LogViewState, command: LogScroll): void {
  if (command.kind === 'end') {
    Object.assign(state, { top: undefined, held: [], newLines: 0 });
    return;
  }
  const ground = groundOf(state);
  const from = topPlace(state, ground);
  const to = target(state, ground, from, command);
  if (state.top === undefined && !isBefore(to, from)) return;
  if (state.top === undefined) state.leftAtId = state.book.nextId();
  moveTo(state, ground, to);
}

function target(
  state: LogViewState,
  ground: PageGround,
  from: LogPlace,
  command: Exclude<LogScroll, { kind: 'end' }>,
): LogPlace {
  if (command.kind === 'start') return { index: 0, row: 0 };
  const rows = command.by * (command.kind === 'pages' ? Math.max(1, state.height - 1) : 1);
  return rows < 0 ? movedUp(ground, from, -rows) : movedDown(ground, from, rows);
}

function moveTo(state: LogViewState, ground: PageGround, place: LogPlace): void {
  const entry = state.shown.at(place.index);
  if (entry === undefined) {
    // Nothing passes the filter: what comes is shown from its beginning.
    Object.assign(state, { top: undefined, held: [], newLines: 0 });
    return;
  }
  state.top = { entry, row: place.row };
  hold(state, pageFrom(state, ground, place));
}

/** The page begins with the same entry, whatever else changed; its rows may be fewer now. */
export function keepPage(state: LogViewState): void {
  if (state.top === undefined) return;
  const { entry, row } = state.top;
  state.top = { entry, row: Math.min(row, rowsIn(state, entry, shapeOf(state)) - 1) };
}

/** Where the page begins among what is shown now. */
export function topPlace(state: LogViewState, ground: PageGround): LogPlace {
  if (state.top === undefined) return lastPage(ground);
  const { entry, row } = state.top;
  const isThere = entry.position >= state.book.begin();
  return { index: state.shown.indexOf(entry.position), row: isThere ? row : 0 };
}

/** What was seen while reading is settled: nothing that comes late is put between it. */
export function hold(state: LogViewState, page: readonly LogEntry[]): void {
  state.held = page;
  state.book.settle();
}

/** The entries that a page shows from there on. */
export function pageFrom(state: LogViewState, ground: PageGround, place: LogPlace): readonly LogEntry[] {
  const page: LogEntry[] = [];
  let rows = -place.row;
  for (let index = place.index; rows < state.height; index++) {
    const entry = state.shown.at(index);
    if (entry === undefined) break;
    page.push(entry);
    rows += ground.rowsOf(entry);
  }
  return page;
}

/** What pages are laid over now. */
export function groundOf(state: LogViewState): PageGround {
  const shape = shapeOf(state);
  return {
    shown: state.shown,
    rows: state.height,
    rowsOf: (entry) => rowsIn(state, entry, shape),
  };
}

function rowsIn(state: LogViewState, entry: LogEntry, shape: RowShape): number {
  return shape.wrap ? rowsOf(entry, shape, state.filter.ranges([entry])[0] ?? []) : 1;
}

/** How the rows are divided now. */
export function shapeOf({ book, columns, settings }: LogViewState): RowShape {
  const names = book.status().sources.flatMap(({ key, name }) => (settings.hidden.includes(key) ? [] : [name.length]));
  const { stamps, wrap } = settings;
  return rowShape({ columns, stamps, wrap, longestName: Math.max(0, ...names) });
}
