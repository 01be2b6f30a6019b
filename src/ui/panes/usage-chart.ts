import type { ChartPart, DrawChart } from '../../live/line-chart.ts';
import type { Stretch } from '../../live/system.ts';
import { fitRow, type Row, type Style, span } from '../spans.ts';
import { styles } from '../theme.ts';
import { axisLabels, axisLine, type StepMark, stepsLine, timeTicks } from './chart-time.ts';

/** One figure over time. */
export type UsageChart = {
  readonly title: Row;
  /** One a point of the width: two for each cell that {@link plotWidth} gives. */
  readonly values: readonly (number | undefined)[];
  /** What the upper end stands for; the lower one is 0. */
  readonly top: number;
  readonly label: (value: number) => string;
  /** What it was before, as a dotted line; absent: not known. */
  readonly level?: number;
  readonly stretch: Stretch;
  readonly marks: readonly StepMark[];
  /** A time of day as `HH:MM:SS`. */
  readonly clock: (at: number) => string;
  /** Absent: still being loaded. */
  readonly drawChart?: DrawChart;
  readonly width: number;
  readonly height: number;
};

const LABEL_CELLS = 8;
/** Title, steps, axis and times. */
const ROWS_AROUND = 4;
/** The fewest rows in which a line can be read. */
export const leastChartRows = ROWS_AROUND + 3;

const partStyles: Readonly<Record<ChartPart, Style>> = {
  line: styles.focus,
  mark: styles.quiet,
  level: { color: 'yellow' },
};

/** Cells of the plot of a chart of that width. */
export function plotWidth(width: number): number {
  return Math.max(1, width - LABEL_CELLS - 2);
}

/** A chart with its scale, its times and the steps that ran: `height` rows of `width` cells. Pure. */
export function usageChart(chart: UsageChart): readonly Row[] {
  const { width, height, stretch, marks, drawChart, top, label, clock } = chart;
  const cells = plotWidth(width);
  const free = Math.max(1, height - ROWS_AROUND);
  // An odd number of rows has one in the middle, where half of the scale can stand.
  const rows = free % 2 === 0 && free > 5 ? free - 1 : free;
  const plot = drawChart?.({
    width: cells,
    height: rows,
    bottom: 0,
    top,
    values: chart.values,
    marks: marks.flatMap(({ at, until }) => [
      { at: partOf(at, stretch), kind: 'begin' } as const,
      ...(until === undefined ? [] : [{ at: partOf(until, stretch), kind: 'end' } as const]),
    ]),
    levels: chart.level === undefined ? [] : [chart.level],
  });
  const labelOf = (row: number): string => {
    if (row === 0) return label(top);
    if (row === rows - 1) return label(0);
    return rows >= 5 && row * 2 === rows - 1 ? label(top / 2) : '';
  };
  const ticks = timeTicks(stretch, cells, clock);
  const margin = ' '.repeat(LABEL_CELLS + 2);
  const lines = Array.from({ length: rows }, (_, row): Row => {
    const scale = labelOf(row);
    const pieces = (plot?.[row] ?? []).map(({ text, part }) =>
      part === undefined ? text : span(text, partStyles[part]),
    );
    return [`${scale.padStart(LABEL_CELLS)} `, span(scale === '' ? '│' : '┤', styles.quiet), ...pieces];
  });
  return [
    chart.title,
    [margin, span(stepsLine(marks, stretch, cells), styles.strong)],
    ...lines,
    [' '.repeat(LABEL_CELLS + 1), span(`╰${axisLine(ticks, cells)}`, styles.quiet)],
    [margin, axisLabels(ticks, cells)],
    ...Array.from({ length: Math.max(0, free - rows) }, (): Row => []),
  ]
    .slice(0, height)
    .map((row) => fitRow(row, width));
}

function partOf(at: number, { fromAt, toAt }: Stretch): number {
  return (at - fromAt) / (toAt - fromAt);
}
