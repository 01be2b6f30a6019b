/** Which lines of a longer text a pane shows: its end, wherever that moves, or lines from a fixed one on. */
export type Scroll = { readonly kind: 'following' } | { readonly kind: 'paused'; readonly top: number };

/** What a person can ask of a scrolled pane. */
export type ScrollMove = 'lineUp' | 'lineDown' | 'pageUp' | 'pageDown' | 'home' | 'end';

/** The first line shown, of `lines` in a pane of `rows`. */
export function topLine(scroll: Scroll, extent: { readonly lines: number; readonly rows: number }): number {
  const last = Math.max(0, extent.lines - extent.rows);
  return scroll.kind === 'following' ? last : Math.max(0, Math.min(scroll.top, last));
}

/**
 * The scroll after a move. Every move but `end` stops following, and only `end` follows again; a
 * move upwards where everything fits into the pane changes nothing.
 */
export function scrolled(
  scroll: Scroll,
  move: ScrollMove,
  extent: { readonly lines: number; readonly rows: number },
): Scroll {
  if (move === 'end') return { kind: 'following' };
  const top = topLine(scroll, extent);
  const last = Math.max(0, extent.lines - extent.rows);
  const next = Math.max(0, Math.min(top + distance(move, top, extent.rows), last));
  if (scroll.kind === 'following' && next === top) return scroll;
  return { kind: 'paused', top: next };
}

/** Whether a move upwards asks for lines before the first one. */
export function isBeyondTop(
  scroll: Scroll,
  move: ScrollMove,
  extent: { readonly lines: number; readonly rows: number },
): boolean {
  const top = topLine(scroll, extent);
  return (move === 'lineUp' || move === 'pageUp') && top + distance(move, top, extent.rows) < 0;
}

function distance(move: Exclude<ScrollMove, 'end'>, top: number, rows: number): number {
  const page = Math.max(1, rows - 1);
  return { lineUp: -1, lineDown: 1, pageUp: -page, pageDown: page, home: -top }[move];
}
