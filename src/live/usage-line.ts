import type { UsageFigure } from './system.ts';
import { type Measured, type UsageBucket, usageFigures } from './usage-step.ts';

/** A measured stretch with whose it is. */
export type KeyedBucket = { readonly key: string; readonly bucket: UsageBucket };

/** First line of a file of measured stretches. */
export const usageHeader = '{"format":"runbook-usage","version":1}';

const names = {
  cpuPercent: 'cpu',
  memoryBytes: 'memory',
  receivedBytesPerSecond: 'received',
  sentBytesPerSecond: 'sent',
  readBytesPerSecond: 'read',
  writtenBytesPerSecond: 'written',
  pids: 'pids',
} as const satisfies Record<UsageFigure, string>;

/** A stretch as one line of JSON: `{"key":"app","at":…,"ms":15000,"covered":15000,"cpu":12.3,…}`; no line feed. */
export function usageLine({ key, bucket }: KeyedBucket): string {
  const coveredMs = Math.max(0, ...usageFigures.map((figure) => bucket.figures[figure]?.coveredMs ?? 0));
  const figures = usageFigures.flatMap((figure): readonly (readonly [string, unknown])[] => {
    const measured = bucket.figures[figure];
    if (measured === undefined) return [];
    const value = rounded(measured.value);
    // Most figures were measured whenever one was; those that were not say for how long.
    return [[names[figure], measured.coveredMs === coveredMs ? value : [value, measured.coveredMs]]];
  });
  return JSON.stringify({
    key,
    at: bucket.fromAt,
    ms: bucket.toAt - bucket.fromAt,
    covered: coveredMs,
    ...Object.fromEntries(figures),
  });
}

/** What a line says; undefined: it is not such a line. */
export function parseUsageLine(line: string): KeyedBucket | undefined {
  const value = parsed(line);
  if (value === undefined) return undefined;
  const { key, at, ms, covered } = value;
  if (typeof key !== 'string' || !isFigure(at) || !isFigure(ms) || !isFigure(covered)) return undefined;
  if (ms <= 0 || covered <= 0 || covered > ms + 1) return undefined;
  const figures: Partial<Record<UsageFigure, Measured>> = {};
  for (const figure of usageFigures) {
    const measured = measuredOf(value[names[figure]], covered);
    if (measured !== undefined) figures[figure] = measured;
  }
  return { key, bucket: { fromAt: at, toAt: at + ms, figures } };
}

function measuredOf(value: unknown, coveredMs: number): Measured | undefined {
  if (isFigure(value)) return { value, coveredMs };
  if (!Array.isArray(value)) return undefined;
  const [figure, ownMs] = value as readonly unknown[];
  return isFigure(figure) && isFigure(ownMs) && ownMs > 0 && ownMs <= coveredMs
    ? { value: figure, coveredMs: ownMs }
    : undefined;
}

function isFigure(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Math.round(value * 100) / 100;
}
