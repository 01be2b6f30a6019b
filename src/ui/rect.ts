import type { Rect } from '../live/cells.ts';

/** The rectangle without a border of one cell left and right, and as many rows above and below as said. */
export function inside(rect: Rect, above: number, below: number): Rect {
  return {
    x: rect.x + 1,
    y: rect.y + above,
    width: Math.max(0, rect.width - 2),
    height: Math.max(0, rect.height - above - below),
  };
}

/** A rectangle of that size in the middle of another, never larger than it. */
export function centred(within: Rect, size: { readonly width: number; readonly height: number }): Rect {
  const width = Math.min(size.width, within.width);
  const height = Math.min(size.height, within.height);
  return {
    x: within.x + Math.floor((within.width - width) / 2),
    y: within.y + Math.floor((within.height - height) / 2),
    width,
    height,
  };
}
