import type { Stretch, Usage, UsageFigure } from './system.ts';

/** All figures, in the order in which they are kept. */
export const usageFigures = [
  'cpuPercent',
  'memoryBytes',
  'receivedBytesPerSecond',
  'sentBytesPerSecond',
  'readBytesPerSecond',
  'writtenBytesPerSecond',
  'pids',
] as const satisfies readonly UsageFigure[];

/** A mean, and how much of the stretch it is the mean of was measured. */
export type Measured = { readonly value: number; readonly coveredMs: number };

/** What was measured in a stretch of time; a figure that is absent was not. */
export type UsageBucket = Stretch & { readonly figures: Readonly<Partial<Record<UsageFigure, Measured>>> };

/** A measurement with whose it is. */
export type TakenUsage = { readonly usage: Usage; readonly id: string | undefined };

// A measurement speaks for the time since the one before. Where that is longer ago nobody looked in between, and it speaks for as long as a usual one.
const LONGEST_STEP_MS = 15_000;
const USUAL_STEP_MS = 2_000;

const counters = {
  receivedBytesPerSecond: 'receivedBytes',
  sentBytesPerSecond: 'sentBytes',
  readBytesPerSecond: 'readBytes',
  writtenBytesPerSecond: 'writtenBytes',
} as const satisfies Partial<Record<UsageFigure, keyof Usage>>;

/**
 * What a measurement says, and of which time. Rates are of two readings of the same container, one soon after the other;
 * none is ever negative. Pure.
 *
 * @param before the measurement before of the same key; undefined: there was none.
 * @returns undefined where it tells nothing new: it is of the same time as the one before.
 */
export function stepBetween(before: TakenUsage | undefined, taken: TakenUsage): UsageBucket | undefined {
  const { usage } = taken;
  const passedMs = before === undefined ? Number.POSITIVE_INFINITY : usage.at - before.usage.at;
  if (passedMs === 0) return undefined;
  const followsSoon = passedMs > 0 && passedMs <= LONGEST_STEP_MS;
  const coveredMs = followsSoon ? passedMs : USUAL_STEP_MS;
  const isSame = before !== undefined && followsSoon && before.id === taken.id;
  const values: Partial<Record<UsageFigure, number | undefined>> = {
    cpuPercent: usage.cpuPercent,
    memoryBytes: usage.memoryBytes,
    pids: usage.pids,
    ...(isSame ? ratesBetween(before.usage, usage) : {}),
  };
  const figures: Partial<Record<UsageFigure, Measured>> = {};
  for (const figure of usageFigures) {
    const value = values[figure];
    if (value !== undefined && Number.isFinite(value)) figures[figure] = { value, coveredMs };
  }
  return { fromAt: usage.at - coveredMs, toAt: usage.at, figures };
}

/** Two stretches as one, each figure the mean by how much of it was measured. */
export function joined(first: UsageBucket, second: UsageBucket): UsageBucket {
  const figures: Partial<Record<UsageFigure, Measured>> = {};
  for (const figure of usageFigures) {
    const a = first.figures[figure];
    const b = second.figures[figure];
    const both = a === undefined || b === undefined ? (a ?? b) : meanOf(a, b);
    if (both !== undefined) figures[figure] = both;
  }
  return {
    fromAt: Math.min(first.fromAt, second.fromAt),
    toAt: Math.max(first.toAt, second.toAt),
    figures,
  };
}

/** Which slot of a grid of that width a stretch belongs to: the one it ends in. */
export function slotOf(bucket: Stretch, widthMs: number): number {
  return Math.ceil(bucket.toAt / widthMs);
}

function meanOf(a: Measured, b: Measured): Measured {
  const coveredMs = a.coveredMs + b.coveredMs;
  return { value: (a.value * a.coveredMs + b.value * b.coveredMs) / coveredMs, coveredMs };
}

function ratesBetween(before: Usage, now: Usage): Partial<Record<UsageFigure, number>> {
  const seconds = (now.at - before.at) / 1000;
  const rates: Partial<Record<UsageFigure, number>> = {};
  for (const [figure, counter] of Object.entries(counters) as [keyof typeof counters, keyof Usage][]) {
    const from = before[counter];
    const to = now[counter];
    // A counter that went down began anew: how far it had come before nobody knows.
    if (from !== undefined && to !== undefined && to >= from) rates[figure] = (to - from) / seconds;
  }
  return rates;
}
