import { createGrid, type Grid, INVERSE } from './cells.ts';
import type { OutputSource } from './output-source.ts';
import {
  extentOf,
  lineCountOf,
  moveOutput,
  type OutputState,
  releaseOutput,
  scrollNow,
  stepOutput,
} from './output-state.ts';
import { isBeyondTop, type ScrollMove, scrolled, topLine } from './scroll.ts';

/** What one tick of an output did. */
export type OutputTick = {
  /** What the pane shows is not what it showed before. */
  readonly isChanged: boolean;
  /** There is more to do now: tick again with the next frame. */
  readonly isBehind: boolean;
};

/** Where the pane stands in its output. */
export type OutputPosition =
  | { readonly kind: 'following' }
  /** Reading further up: how many lines came since; `isExact` is false while a flood is still being counted. */
  | { readonly kind: 'paused'; readonly newLines: number; readonly isExact: boolean };

/**
 * A pane's view of an output that grows at any rate. It has no timer: the frame clock ticks it, and
 * a tick reads and emulates a bounded amount, so that a flood costs the same as a busy log. Memory is
 * bounded by the scrollback of two emulators.
 */
export type OutputView = {
  /** Reads on. A tick that begins before the last one ended does nothing. Rejects if the source does. */
  readonly tick: () => Promise<OutputTick>;
  /** What the pane shows now, its columns by its rows. */
  readonly rows: () => Grid;
  readonly position: () => OutputPosition;
  /** How many lines there are to scroll in, and the first one shown. */
  readonly extent: () => { readonly lines: number; readonly top: number };
  /** Scrolls; what has to be read for it comes with the next ticks. */
  readonly scroll: (move: ScrollMove) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** A view that is not visible reads nothing. */
  readonly setVisible: (isVisible: boolean) => void;
  /** Draws the cursor as an inverse cell, for a command that is being typed to. */
  readonly showCursor: (isShown: boolean) => void;
  /** How keys and pastes have to be sent to the program. */
  readonly modes: () => {
    readonly bracketedPaste: boolean;
    readonly applicationCursorKeys: boolean;
    readonly isAlternateScreen: boolean;
  };
  /** The text of all lines held, for copying and finding. */
  readonly text: () => readonly string[];
  readonly dispose: () => void;
};

/** Opens a view of an output. Nothing is read before the first tick. */
export function createOutputView(options: {
  readonly source: OutputSource;
  readonly columns: number;
  readonly rows: number;
  /** Lines kept for scrolling back; 5,000 where absent. */
  readonly scrollbackLines?: number;
  /** Gets the answers to terminal queries of what is printed while it is watched: they go to the program's terminal. Never called for what was printed before. */
  readonly onAnswer?: (answer: string) => void;
}): OutputView {
  const state: OutputState = {
    source: options.source,
    scrollbackLines: options.scrollbackLines ?? 5000,
    onAnswer: options.onAnswer,
    columns: options.columns,
    height: options.rows,
    window: undefined,
    refill: undefined,
    scroll: { kind: 'following' },
    anchor: undefined,
    seek: undefined,
    countedTo: 0,
    newLines: 0,
    size: 0,
    budgetBytes: 32 * 1024,
    answersFrom: Number.POSITIVE_INFINITY,
    isDirty: false,
  };
  let isCursorShown = false;
  return {
    ...createTicker(state),
    rows: () => drawRows(state, isCursorShown),
    position: () => {
      if (state.scroll.kind === 'following') return { kind: 'following' };
      return { kind: 'paused', newLines: state.newLines, isExact: state.countedTo >= state.size };
    },
    extent: () => extentOf(state),
    scroll: (move) => scrollBy(state, move),
    resize: (columns, rows) => resizeTo(state, columns, rows),
    showCursor: (isShown) => {
      isCursorShown = isShown;
      state.isDirty = true;
    },
    modes: () =>
      state.window?.emulator.modes() ?? {
        bracketedPaste: false,
        applicationCursorKeys: false,
        isAlternateScreen: false,
      },
    text: () => state.window?.emulator.text() ?? [],
  };
}

/** One tick at a time, none while hidden, and nothing left behind however disposing and ticking overlap. */
function createTicker(state: OutputState): Pick<OutputView, 'tick' | 'setVisible' | 'dispose'> {
  let isVisible = true;
  let isTicking = false;
  let isDisposed = false;
  return {
    tick: async () => {
      if (!isVisible || isTicking || isDisposed) return { isChanged: false, isBehind: false };
      isTicking = true;
      try {
        const isBehind = await stepOutput(state);
        const isChanged = state.isDirty;
        state.isDirty = false;
        return { isChanged, isBehind };
      } finally {
        isTicking = false;
        if (isDisposed) releaseOutput(state);
      }
    },
    setVisible: (isNowVisible) => {
      if (isNowVisible && !isVisible) state.answersFrom = Number.POSITIVE_INFINITY;
      isVisible = isNowVisible;
    },
    dispose: () => {
      isDisposed = true;
      if (!isTicking) releaseOutput(state);
    },
  };
}

function drawRows(state: OutputState, isCursorShown: boolean): Grid {
  const { emulator } = state.window ?? {};
  if (emulator === undefined) return createGrid(state.columns, state.height);
  const { top } = extentOf(state);
  const grid = emulator.rowsAt(top, state.height);
  const cursor = emulator.cursor();
  const index = (cursor.line - top) * grid.columns + cursor.x;
  if (isCursorShown && cursor.line >= top && index < grid.attributes.length)
    grid.attributes[index] = (grid.attributes[index] ?? 0) ^ INVERSE;
  return grid;
}

function scrollBy(state: OutputState, move: ScrollMove): void {
  const extent = { lines: lineCountOf(state), rows: state.height };
  const before = scrollNow(state);
  const top = topLine(before, extent);
  const hasMore = state.window !== undefined && (state.window.oldest().offset > 0 || state.window.from > 0);
  if (hasMore && isBeyondTop(before, move, extent)) {
    state.seek = { kind: 'earlier', move };
    moveOutput(state, { kind: 'paused', top });
    return;
  }
  if (hasMore && move === 'home' && top === 0) {
    state.seek = { kind: 'start' };
    moveOutput(state, { kind: 'paused', top });
    return;
  }
  if (move === 'end') state.seek = undefined;
  moveOutput(state, scrolled(before, move, extent));
}

function resizeTo(state: OutputState, columns: number, rows: number): void {
  state.columns = columns;
  state.height = rows;
  state.window?.emulator.resize(columns, rows);
  state.refill?.emulator.resize(columns, rows);
  state.isDirty = true;
}
