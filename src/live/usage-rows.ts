import type { Stretch, UsageFigure } from './system.ts';
import { joined, slotOf, type UsageBucket, usageFigures } from './usage-step.ts';

/** Measured stretches in the order in which they came, in one block of memory: a number each, not an object each. */
export type UsageRows = {
  readonly count: () => number;
  readonly push: (bucket: UsageBucket) => void;
  /** Takes the oldest out; undefined: there is none. */
  readonly shift: () => UsageBucket | undefined;
  /** The last; undefined: there is none. */
  readonly last: () => UsageBucket | undefined;
  readonly replaceLast: (bucket: UsageBucket) => void;
  /** Joins neighbours that belong to the same slot of a grid of that width. */
  readonly coarsen: (widthMs: number) => void;
  /** Adds what lies in a stretch, cut in equal slots, to the sums: values by time, and time. */
  readonly addTo: (sums: SlotSums, figure: UsageFigure, stretch: Stretch) => void;
};

/** For each slot of a stretch the integral of what was measured over time, and the time. */
export type SlotSums = { readonly values: Float64Array; readonly coveredMs: Float64Array };

const CELLS = 2 + 2 * usageFigures.length;
const FIRST_ROWS = 32;

/** @param most more rows than that are not kept: the oldest goes. */
export function createUsageRows(most: number): UsageRows {
  let cells = new Float64Array(Math.min(FIRST_ROWS, most) * CELLS);
  let first = 0;
  let count = 0;
  // As long as no clock went back, what is older than a stretch need not be looked at.
  let isInOrder = true;
  const offsetOf = (index: number): number => ((first + index) % (cells.length / CELLS)) * CELLS;
  const grow = (): void => {
    const grown = new Float64Array(Math.min(most * CELLS, cells.length * 2));
    for (let index = 0; index < count; index++) {
      const offset = offsetOf(index);
      grown.set(cells.subarray(offset, offset + CELLS), index * CELLS);
    }
    cells = grown;
    first = 0;
  };
  const shift = (): UsageBucket | undefined => {
    if (count === 0) return undefined;
    const bucket = read(cells, offsetOf(0));
    first = (first + 1) % (cells.length / CELLS);
    count -= 1;
    return bucket;
  };
  const push = (bucket: UsageBucket): void => {
    if (count === most) shift();
    if (count === cells.length / CELLS) grow();
    if (count > 0 && bucket.toAt < (cells[offsetOf(count - 1) + 1] ?? 0)) isInOrder = false;
    write(cells, offsetOf(count), bucket);
    count += 1;
  };
  const last = (): UsageBucket | undefined => (count === 0 ? undefined : read(cells, offsetOf(count - 1)));
  const replaceLast = (bucket: UsageBucket): void => write(cells, offsetOf(count - 1), bucket);
  return {
    count: () => count,
    push,
    shift,
    last,
    replaceLast,
    coarsen: (widthMs) => {
      for (let left = count; left > 0; left--) {
        const bucket = shift();
        const before = left === count + 1 ? undefined : last();
        if (bucket === undefined) continue;
        if (before !== undefined && slotOf(before, widthMs) === slotOf(bucket, widthMs))
          replaceLast(joined(before, bucket));
        else push(bucket);
      }
    },
    addTo: (sums, figure, stretch) => {
      const column = 2 + 2 * usageFigures.indexOf(figure);
      for (let index = count - 1; index >= 0; index--) {
        const offset = offsetOf(index);
        if (isInOrder && (cells[offset + 1] ?? 0) <= stretch.fromAt) return;
        addRow(cells, { offset, column, sums, stretch });
      }
    },
  };
}

function addRow(
  cells: Float64Array,
  row: { readonly offset: number; readonly column: number; readonly sums: SlotSums; readonly stretch: Stretch },
): void {
  const { offset, column, sums, stretch } = row;
  const coveredMs = cells[offset + column + 1] ?? 0;
  const fromAt = cells[offset] ?? 0;
  const toAt = cells[offset + 1] ?? 0;
  if (coveredMs === 0 || toAt <= stretch.fromAt || fromAt >= stretch.toAt) return;
  const slots = sums.values.length;
  const slotMs = (stretch.toAt - stretch.fromAt) / slots;
  const density = coveredMs / (toAt - fromAt);
  const value = cells[offset + column] ?? 0;
  const firstSlot = Math.max(0, Math.floor((fromAt - stretch.fromAt) / slotMs));
  const lastSlot = Math.min(slots - 1, Math.ceil((toAt - stretch.fromAt) / slotMs) - 1);
  for (let slot = firstSlot; slot <= lastSlot; slot++) {
    const slotFrom = stretch.fromAt + slot * slotMs;
    const ms = (Math.min(toAt, slotFrom + slotMs) - Math.max(fromAt, slotFrom)) * density;
    if (ms <= 0) continue;
    sums.values[slot] = (sums.values[slot] ?? 0) + value * ms;
    sums.coveredMs[slot] = (sums.coveredMs[slot] ?? 0) + ms;
  }
}

function write(cells: Float64Array, offset: number, bucket: UsageBucket): void {
  cells[offset] = bucket.fromAt;
  cells[offset + 1] = bucket.toAt;
  usageFigures.forEach((figure, index) => {
    const measured = bucket.figures[figure];
    cells[offset + 2 + 2 * index] = measured?.value ?? 0;
    cells[offset + 3 + 2 * index] = measured?.coveredMs ?? 0;
  });
}

function read(cells: Float64Array, offset: number): UsageBucket {
  const figures: Partial<Record<UsageFigure, { value: number; coveredMs: number }>> = {};
  usageFigures.forEach((figure, index) => {
    const coveredMs = cells[offset + 3 + 2 * index] ?? 0;
    if (coveredMs > 0) figures[figure] = { value: cells[offset + 2 + 2 * index] ?? 0, coveredMs };
  });
  return { fromAt: cells[offset] ?? 0, toAt: cells[offset + 1] ?? 0, figures };
}
