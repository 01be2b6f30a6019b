/** What of a chart a piece of it belongs to. */
export type ChartPart = 'line' | 'mark' | 'level';

/** A chart without axes and labels. Cells are two points wide and four high. */
export type LineChart = {
  /** In cells. */
  readonly width: number;
  readonly height: number;
  /** What the lowest and the highest point stand for; the line stays between them. */
  readonly bottom: number;
  readonly top: number;
  /** From the left edge to the right one in equal steps; undefined: a gap, over which nothing is drawn. */
  readonly values: readonly (number | undefined)[];
  /** Upright lines, as parts of the width from 0 to 1. */
  readonly marks: readonly { readonly at: number; readonly kind: 'begin' | 'end' }[];
  /** Dotted level lines. */
  readonly levels: readonly number[];
};

/** A piece of a row of a chart; `part` is absent for blanks. */
export type ChartPiece = { readonly text: string; readonly part?: ChartPart };

/** Draws a chart: `height` rows of `width` cells, text without escape sequences. */
export type DrawChart = (chart: LineChart) => readonly (readonly ChartPiece[])[];
