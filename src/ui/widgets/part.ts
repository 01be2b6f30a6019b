import type { Rect } from '../../live/cells.ts';
import type { Row } from '../spans.ts';

/** Rows at a place of the screen. */
export type Part = {
  readonly id: string;
  readonly rect: Rect;
  readonly rows: readonly Row[];
  /** It covers what is below it; absent: blanks at the end of its rows are left out, since every cell costs. */
  readonly opaque?: boolean;
};
