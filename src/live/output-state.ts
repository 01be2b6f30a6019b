import type { LineMark } from './emulator.ts';
import type { OutputSource } from './output-source.ts';
import { type OutputWindow, openWindow, type WindowShape } from './output-window.ts';
import { type Scroll, type ScrollMove, scrolled, topLine } from './scroll.ts';

/** What a view of an output holds between two ticks; changed in place by the functions of this file. */
export type OutputState = {
  readonly source: OutputSource;
  readonly scrollbackLines: number;
  readonly onAnswer: ((answer: string) => void) | undefined;
  columns: number;
  height: number;
  window: OutputWindow | undefined;
  /** Being fed beside the window, to take its place. */
  refill: OutputWindow | undefined;
  scroll: Scroll;
  /** Keeps a paused view at its line. */
  anchor: LineMark | undefined;
  /** What a scroll beyond the first line held asks the next tick to read. */
  seek: { readonly kind: 'earlier'; readonly move: ScrollMove } | { readonly kind: 'start' } | undefined;
  /** Since pausing: the byte up to which new lines are counted, and how many there are. */
  countedTo: number;
  newLines: number;
  size: number;
  /** How many bytes the next feed may take. */
  budgetBytes: number;
  /** Queries before this byte were printed when nobody watched: answering them now would be typing into the program. Infinite: not known yet. */
  answersFrom: number;
  /** What the pane shows has changed since the last tick was reported. */
  isDirty: boolean;
};

/** How much of the end is kept without a gap, and how far behind one may fall before jumping there. */
const TAIL_BYTES = 1024 * 1024;
const MAX_TICK_BYTES = 128 * 1024;
const MIN_TICK_BYTES = 512;
/** How long the bytes of one tick may take: how many they are follows from how long the last ones took. */
const TICK_MS = 5;
/** What a jump shows at first: in a flood the next jump comes before anyone has scrolled back in it. */
const JUMP_BYTES = 16 * 1024;
const COUNT_BYTES = 512 * 1024;
const EARLIER_BYTES = 256 * 1024;
const PAGE_BYTES = 8 * 1024;
const MAX_PAGES = 16;
const LINE_FEED = 0x0a;

/** Reads and emulates a bounded amount; true: there is more to do now. */
export async function stepOutput(state: OutputState): Promise<boolean> {
  state.size = await state.source.size();
  if (state.answersFrom === Number.POSITIVE_INFINITY) state.answersFrom = state.size;
  if (state.window !== undefined && state.size < state.window.to()) moveOutput(state, { kind: 'following' });
  const isMoved = await performSeek(state);
  const isBehind = state.scroll.kind === 'following' ? await follow(state) : await hold(state);
  return isMoved || isBehind;
}

/** At the end of the output: feeds what is new, or begins anew near the end if that is too much. */
async function follow(state: OutputState): Promise<boolean> {
  const fedTo = state.window?.to() ?? 0;
  if (state.window === undefined || state.size < fedTo || state.size - fedTo > TAIL_BYTES) {
    dropRefill(state);
    const window = await openAt(
      state,
      state.window === undefined && state.size <= MAX_TICK_BYTES ? 0 : state.size - JUMP_BYTES,
    );
    if (isPausedNow(state)) {
      window.emulator.dispose();
      return true;
    }
    showWindow(state, window);
    await feedWindow(state, state.budgetBytes);
    // In a flood the next tick jumps again: filling up waits until it is over.
    return state.size > MAX_TICK_BYTES || window.to() < state.size;
  }
  const fed = await feedWindow(state, state.budgetBytes);
  if (state.size - (state.window?.to() ?? 0) > 0 && fed > 0) return true;
  return await fillUp(state);
}

/** Reading further up: feeds no more than the next page, so that nothing moves, and counts the rest. */
async function hold(state: OutputState): Promise<boolean> {
  const isShort = await feedPages(state);
  const isCounting = await countNew(state);
  return (await fillUp(state)) || isCounting || isShort;
}

/** After a jump: emulates the last part once more from further up, beside what is shown, and then takes its place. */
async function fillUp(state: OutputState): Promise<boolean> {
  const window = state.window;
  if (window === undefined || state.seek !== undefined) return false;
  const end = window.to();
  const isWhole =
    window.from === 0 || end - window.from >= TAIL_BYTES - MAX_TICK_BYTES || window.emulator.modes().isAlternateScreen;
  if (isWhole && state.refill === undefined) return false;
  state.refill ??= await openAt(state, end - TAIL_BYTES);
  const fed = await timed(state, state.refill.feed(state.budgetBytes, end));
  if (state.refill.to() < end && fed > 0) return true;
  const { top, lines } = extentOf(state);
  const isPaused = state.scroll.kind === 'paused';
  const { refill } = state;
  state.refill = undefined;
  showWindow(state, refill);
  if (isPaused) pinTo(state, Math.max(0, refill.emulator.lineCount() - (lines - top)));
  return false;
}

/** Shows what lies before the first line held: a window that begins further up takes the place of this one. */
async function performSeek(state: OutputState): Promise<boolean> {
  const { seek, window } = state;
  if (seek === undefined || window === undefined) return false;
  state.seek = undefined;
  dropRefill(state);
  const oldest = seek.kind === 'start' ? { offset: 0, line: 0 } : window.oldest();
  const earlier = await openAt(state, oldest.offset - EARLIER_BYTES);
  state.refill = earlier;
  while ((await earlier.feed(MAX_TICK_BYTES, oldest.offset)) > 0);
  state.refill = undefined;
  if (!isPausedNow(state)) {
    earlier.emulator.dispose();
    return true;
  }
  const top = seek.kind === 'start' ? 0 : earlier.emulator.cursor().line - oldest.line + extentOf(state).top;
  showWindow(state, earlier);
  pinTo(state, Math.max(0, top));
  await feedPages(state);
  if (!isPausedNow(state)) return true;
  if (seek.kind === 'earlier')
    moveOutput(state, scrolled(scrollNow(state), seek.move, { lines: lineCountOf(state), rows: state.height }));
  return true;
}

/**
 * Feeds until a page below what is shown is there, or there are no more bytes; never so much at once that lines being
 * read drop out. True: this tick was not enough for that.
 */
async function feedPages(state: OutputState): Promise<boolean> {
  const isShort = (): boolean => lineCountOf(state) - extentOf(state).top < 2 * state.height;
  let fed = 1;
  for (let pages = 0; pages < MAX_PAGES && fed > 0 && isShort(); pages++)
    fed = await feedWindow(state, PAGE_BYTES, state.height);
  return fed > 0 && isShort();
}

/** Asked after waiting: a key may have come in between. */
function isPausedNow(state: OutputState): boolean {
  return state.scroll.kind === 'paused';
}

async function countNew(state: OutputState): Promise<boolean> {
  if (state.countedTo >= state.size) return false;
  const bytes = await state.source.read(state.countedTo, COUNT_BYTES);
  state.countedTo += bytes.length;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) state.newLines++;
  state.isDirty = true;
  return bytes.length > 0 && state.countedTo < state.size;
}

async function feedWindow(state: OutputState, maxBytes: number, maxLines?: number): Promise<number> {
  const { window } = state;
  if (window === undefined) return 0;
  const fed = await timed(state, window.feed(maxBytes, state.size, maxLines));
  if (fed > 0) state.isDirty = true;
  return fed;
}

/** Fits the next feed's bytes to the time that this one takes; lines of one character cost twenty times as much as long ones. */
async function timed(state: OutputState, feeding: Promise<number>): Promise<number> {
  const startedAt = performance.now();
  const fed = await feeding;
  if (fed < MIN_TICK_BYTES) return fed;
  const fitting = (fed * TICK_MS) / Math.max(0.1, performance.now() - startedAt);
  state.budgetBytes = Math.round(Math.max(MIN_TICK_BYTES, Math.min(MAX_TICK_BYTES, fitting, state.budgetBytes * 2)));
  return fed;
}

async function openAt(state: OutputState, offset: number): Promise<OutputWindow> {
  const { source, columns, height: rows, scrollbackLines } = state;
  const shape: WindowShape = {
    source,
    columns,
    rows,
    scrollbackLines,
    onAnswer: (text) => answer(state, window, text),
  };
  const window: OutputWindow = await openWindow(shape, offset);
  return window;
}

function answer(state: OutputState, window: OutputWindow, text: string): void {
  if (window === state.window && window.to() >= state.answersFrom) state.onAnswer?.(text);
}

function showWindow(state: OutputState, window: OutputWindow): void {
  const { emulator } = window;
  const isResizedSince = emulator.columns() !== state.columns || emulator.rows() !== state.height;
  if (isResizedSince) emulator.resize(state.columns, state.height);
  state.anchor?.release();
  state.anchor = undefined;
  state.window?.emulator.dispose();
  state.window = window;
  state.isDirty = true;
}

/** Follows, or stops at a line; stopping begins to count what comes. */
export function moveOutput(state: OutputState, next: Scroll): void {
  if (next.kind === 'following') {
    state.anchor?.release();
    state.anchor = undefined;
    state.scroll = next;
  } else {
    if (state.scroll.kind === 'following') {
      state.countedTo = state.window?.to() ?? 0;
      state.newLines = 0;
    }
    pinTo(state, next.top);
  }
  state.isDirty = true;
}

/** Stops at a line of the window shown. */
function pinTo(state: OutputState, top: number): void {
  state.anchor?.release();
  state.anchor = state.window?.emulator.mark(top);
  state.scroll = { kind: 'paused', top };
  state.isDirty = true;
}

/** How many lines there are, and the first one shown. */
export function extentOf(state: OutputState): { readonly lines: number; readonly top: number } {
  const lines = lineCountOf(state);
  return { lines, top: topLine(scrollNow(state), { lines, rows: state.height }) };
}

/** The scroll with its line where it is now, after older lines were dropped or lines were wrapped anew. */
export function scrollNow(state: OutputState): Scroll {
  if (state.scroll.kind === 'following' || state.anchor === undefined) return state.scroll;
  return { kind: 'paused', top: state.anchor.line() ?? 0 };
}

/** How many lines there are to scroll in. */
export function lineCountOf(state: OutputState): number {
  return state.window?.emulator.lineCount() ?? 0;
}

function dropRefill(state: OutputState): void {
  state.refill?.emulator.dispose();
  state.refill = undefined;
}

/** Gives the memory of the emulators back. */
export function releaseOutput(state: OutputState): void {
  dropRefill(state);
  state.anchor?.release();
  state.window?.emulator.dispose();
  state.window = undefined;
}
