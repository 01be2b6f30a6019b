import type { Stretch, Usage, UsageFigure, UsageHistory } from './system.ts';
import { createUsageRows, type SlotSums, type UsageRows } from './usage-rows.ts';
import { joined, slotOf, stepBetween, type TakenUsage, type UsageBucket } from './usage-step.ts';

/** A history that is being written. */
export type RecordedUsage = UsageHistory & {
  /**
   * Keeps a measurement.
   *
   * @param id the container's: readings of two containers make no rate. Absent: only a counter that went down tells.
   */
  readonly take: (key: string, usage: Usage, id?: string) => void;
  /** Keeps what was measured earlier, as it was written down. */
  readonly adopt: (key: string, bucket: UsageBucket) => void;
  /** Keys of which something is kept. */
  readonly keys: () => readonly string[];
};

/** How much is kept; each absent one has a value for hours of fifty containers in some ten megabytes. */
export type UsageBounds = {
  /** The last measurements of a key, each as it was. */
  readonly fine?: number;
  /** Stretches of the time before those; where there would be more, they become longer. */
  readonly coarse?: number;
  /** The shortest of those stretches. */
  readonly coarseMs?: number;
  /** More keys than that: the one that was not measured for longest is forgotten. */
  readonly keys?: number;
};

type Kept = {
  last: TakenUsage | undefined;
  lastAt: number;
  readonly fine: UsageRows;
  readonly coarse: UsageRows;
  coarseMs: number;
};

/** Twenty minutes of measurements every two seconds; eleven where they come every second. */
const FINE = 660;
const COARSE = 720;
const COARSE_MS = 15_000;
const KEYS = 128;
// Beyond a year everything is one stretch; it ends the doubling whatever the clock did.
const LONGEST_MS = 365 * 86_400_000;

/** Keeps measurements: as they came for the last minutes, coarser and coarser before. Bounded in memory, whatever comes. */
export function createUsageHistory(bounds: UsageBounds = {}): RecordedUsage {
  const { fine = FINE, coarse = COARSE, coarseMs = COARSE_MS, keys: mostKeys = KEYS } = bounds;
  const kept = new Map<string, Kept>();
  let firstAt: number | undefined;
  const entryOf = (key: string): Kept => {
    const found = kept.get(key);
    if (found !== undefined) return found;
    if (kept.size >= mostKeys) kept.delete(longestUnseen(kept));
    const entry: Kept = {
      last: undefined,
      lastAt: Number.NEGATIVE_INFINITY,
      fine: createUsageRows(fine),
      coarse: createUsageRows(coarse),
      coarseMs,
    };
    kept.set(key, entry);
    return entry;
  };
  const noteTime = (entry: Kept, at: number): void => {
    entry.lastAt = Math.max(entry.lastAt, at);
    firstAt = Math.min(firstAt ?? at, at);
  };
  const sumsOf = (
    key: string,
    figure: UsageFigure,
    { stretch, count }: { stretch: Stretch; count: number },
  ): SlotSums => {
    const sums = { values: new Float64Array(count), coveredMs: new Float64Array(count) };
    const entry = kept.get(key);
    if (entry === undefined || stretch.toAt <= stretch.fromAt) return sums;
    entry.coarse.addTo(sums, figure, stretch);
    entry.fine.addTo(sums, figure, stretch);
    return sums;
  };
  return {
    take: (key, usage, id) => {
      const entry = entryOf(key);
      const taken = { usage, id };
      const step = stepBetween(entry.last, taken);
      entry.last = taken;
      if (step === undefined) return;
      noteTime(entry, usage.at);
      if (entry.fine.count() === fine) addCoarse(entry, entry.fine.shift(), coarse);
      entry.fine.push(step);
    },
    adopt: (key, bucket) => {
      const entry = entryOf(key);
      noteTime(entry, bucket.toAt);
      firstAt = Math.min(firstAt ?? bucket.fromAt, bucket.fromAt);
      addCoarse(entry, bucket, coarse);
    },
    keys: () => Array.from(kept.keys()),
    latest: (key) => kept.get(key)?.last?.usage,
    slots: (key, figure, stretch, count) => {
      const { values, coveredMs } = sumsOf(key, figure, { stretch, count });
      return Array.from(values, (value, slot) => {
        const ms = coveredMs[slot] ?? 0;
        return ms > 0 ? value / ms : undefined;
      });
    },
    mean: (key, figure, stretch) => {
      const { values, coveredMs } = sumsOf(key, figure, { stretch, count: 1 });
      const ms = coveredMs[0] ?? 0;
      // A clock that went back makes the same time be measured twice.
      const longest = stretch.toAt - stretch.fromAt;
      return ms > 0 ? { value: (values[0] ?? 0) / ms, coveredMs: Math.min(ms, longest) } : undefined;
    },
    firstAt: () => firstAt,
  };
}

function addCoarse(entry: Kept, bucket: UsageBucket | undefined, most: number): void {
  if (bucket === undefined) return;
  const { coarse } = entry;
  const before = coarse.last();
  if (before !== undefined && slotOf(before, entry.coarseMs) === slotOf(bucket, entry.coarseMs)) {
    coarse.replaceLast(joined(before, bucket));
    return;
  }
  while (coarse.count() >= most && entry.coarseMs < LONGEST_MS) {
    entry.coarseMs *= 2;
    coarse.coarsen(entry.coarseMs);
  }
  coarse.push(bucket);
}

function longestUnseen(kept: ReadonlyMap<string, Kept>): string {
  let oldest = '';
  let oldestAt = Number.POSITIVE_INFINITY;
  for (const [key, { lastAt }] of kept) {
    if (lastAt >= oldestAt) continue;
    oldest = key;
    oldestAt = lastAt;
  }
  return oldest;
}
