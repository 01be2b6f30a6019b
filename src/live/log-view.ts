import { createGrid, type Grid, mendRow } from './cells.ts';
import type { LogBook } from './log-book.ts';
import type { LogEntry } from './log-ring.ts';
import { drawEntry } from './log-row.ts';
import type { LogSettings, LogsStatus } from './log-status.ts';
import {
  filterFor,
  follow,
  groundOf,
  hold,
  keepPage,
  type LogScroll,
  type LogViewState,
  pageFrom,
  scrollBy,
  setTo,
  shapeOf,
  topPlace,
} from './log-view-state.ts';
import { createShownEntries } from './shown-entries.ts';

/** A pane's view of a book. It costs nothing while it is not drawn, but for looking at each new line once. */
export type LogView = {
  /** What the pane shows now, its columns by its rows; the same object while nothing changed. */
  readonly rows: () => Grid;
  readonly resize: (columns: number, rows: number) => void;
  readonly set: (settings: LogSettings) => void;
  /** Moving up stops following, and only `end` follows again: what one reads then stays where it is. */
  readonly scroll: (command: LogScroll) => void;
  /** How many entries pass the filter, and which of them is the first one shown. */
  readonly extent: () => { readonly lines: number; readonly top: number };
  /** What is said of the book and of how it is looked at; the same object while nothing changed. */
  readonly status: () => LogsStatus;
  /** Told when rows or status may have changed; returns how to end it. Errors leave their count without a word. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Lets go of the book. */
  readonly dispose: () => void;
};

const FILTER_GIVEN_UP =
  'This filter takes far too long on some lines and is not looked for any more: take a simpler one.';

/** Opens a view that follows. */
export function createLogView(options: {
  readonly book: LogBook;
  readonly columns: number;
  readonly rows: number;
  readonly settings?: LogSettings;
}): LogView {
  const { book, settings = { hidden: [], stamps: false, wrap: false } } = options;
  const filter = filterFor(book, settings);
  const state: LogViewState = {
    book,
    shown: createShownEntries(book, filter),
    columns: options.columns,
    height: options.rows,
    settings,
    filter,
    top: undefined,
    held: [],
    newLines: 0,
    leftAtId: 0,
  };
  let grid: Grid | undefined;
  const listeners = new Set<() => void>();
  const changed = () => {
    grid = undefined;
    for (const listener of listeners) listener();
  };
  const leaveBook = book.subscribe((change) => {
    follow(state, change);
    changed();
  });
  return {
    rows: () => {
      grid ??= draw(state);
      return grid;
    },
    resize: (columns, rows) => {
      Object.assign(state, { columns, height: rows });
      keepPage(state);
      changed();
    },
    set: (next) => {
      setTo(state, next);
      changed();
    },
    scroll: (command) => {
      scrollBy(state, command);
      changed();
    },
    extent: () => ({ lines: state.shown.count(), top: topPlace(state, groundOf(state)).index }),
    status: createStatus(state),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose: () => leaveBook(),
  };
}

function createStatus(state: LogViewState): () => LogsStatus {
  let ofBook: ReturnType<LogBook['status']> | undefined;
  let told: LogsStatus | undefined;
  return () => {
    const next = state.book.status();
    const following = state.top === undefined;
    const trouble = state.filter.isGivenUp() ? FILTER_GIVEN_UP : next.trouble;
    const isSame = next === ofBook && told?.following === following && told.newLines === state.newLines;
    if (told !== undefined && isSame && told.trouble === trouble) return told;
    ofBook = next;
    told = { ...next, ...(trouble === undefined ? {} : { trouble }), following, newLines: state.newLines };
    return told;
  };
}

function draw(state: LogViewState): Grid {
  const ground = groundOf(state);
  const place = topPlace(state, ground);
  const { top } = state;
  const gone = top === undefined ? [] : state.held.filter(({ position }) => isGone(state, top.entry, position));
  const page = [...gone, ...pageFrom(state, ground, place)].slice(0, state.height + 1);
  if (top !== undefined) hold(state, page);
  const shape = shapeOf(state);
  const ranges = state.filter.ranges(page);
  const { sources } = state.book.status();
  const grid = createGrid(state.columns, state.height);
  let y = 0;
  for (const [index, entry] of page.entries()) {
    if (y >= grid.rows) break;
    const source = sources[entry.source] ?? { name: '', index: entry.source };
    const fromRow = index === 0 ? (top?.row ?? place.row) : 0;
    y = drawEntry(grid, y, { entry, fromRow, source, ranges: ranges[index] ?? [], shape });
  }
  for (let row = 0; row < grid.rows; row++) mendRow(grid, row);
  return grid;
}

function isGone(state: LogViewState, top: LogEntry, position: number): boolean {
  return position >= top.position && position < state.book.begin();
}
