import type { Stretch } from '../../live/system.ts';

/** When a step began and ended, as a mark on charts. */
export type StepMark = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Absent: it goes on. */
  readonly until?: number;
  readonly label: string;
  /** How it stands; one cell. */
  readonly glyph: string;
};

/** A time with its cell on an axis. */
export type Tick = { readonly cell: number; readonly label: string };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS_MS: readonly number[] = [
  ...[10, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 168, 336].map((hours) => hours * HOUR),
];
const CELLS_BETWEEN = 11;

/** Cell of a time on an axis of that width; it may lie outside. */
export function cellOf(at: number, { fromAt, toAt }: Stretch, width: number): number {
  return Math.round(((at - fromAt) / (toAt - fromAt)) * (width - 1));
}

/**
 * Round times along an axis, as many as have room.
 *
 * @param clock a time of day as `HH:MM:SS`.
 */
export function timeTicks(stretch: Stretch, width: number, clock: (at: number) => string): readonly Tick[] {
  const { fromAt, toAt } = stretch;
  const most = Math.max(1, Math.floor(width / CELLS_BETWEEN));
  const stepMs = STEPS_MS.find((ms) => (toAt - fromAt) / ms <= most) ?? (toAt - fromAt) / most;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(fromAt / stepMs) * stepMs; at <= toAt; at += stepMs) {
    const text = clock(at);
    ticks.push({ cell: cellOf(at, stretch, width), label: stepMs % MINUTE === 0 ? text.slice(0, 5) : text });
  }
  return ticks;
}

/** The axis: a line with a notch at each time. */
export function axisLine(ticks: readonly Tick[], width: number): string {
  const cells = Array.from({ length: width }, () => '─');
  for (const { cell } of ticks) cells[cell] = '┬';
  return cells.join('');
}

/** The times below their notches; one that would touch the one before is left out. */
export function axisLabels(ticks: readonly Tick[], width: number): string {
  let row = '';
  for (const { cell, label } of ticks) {
    const start = Math.max(0, Math.min(width - label.length, cell - Math.floor(label.length / 2)));
    if (start <= row.length && row !== '') continue;
    row = row.padEnd(start) + label;
  }
  return row.padEnd(width).slice(0, width);
}

/** Where each step ran, above a chart: its number where it began, a line up to where it ended. */
export function stepsLine(marks: readonly StepMark[], stretch: Stretch, width: number): string {
  const cells = Array.from({ length: width }, () => ' ');
  const put = (cell: number, glyph: string): void => {
    if (cell >= 0 && cell < width) cells[cell] = glyph;
  };
  for (const { at, until } of marks) {
    const end = cellOf(Math.min(until ?? stretch.toAt, stretch.toAt), stretch, width);
    for (let cell = Math.max(0, cellOf(at, stretch, width)); cell <= end; cell++) put(cell, '─');
    if (until !== undefined && until <= stretch.toAt) put(end, '┤');
  }
  // Numbers last: they tell more than the lines they stand on. Of two in one place the later one stays.
  marks.forEach(({ at }, index) => {
    const number = String(index + 1);
    // One that began a moment ago still has its number in sight.
    const start = Math.min(cellOf(at, stretch, width), width - number.length);
    if (start >= 0) for (const [offset, digit] of Array.from(number).entries()) put(start + offset, digit);
  });
  return cells.join('');
}
