import type { UsageFigure, UsageHistory } from './system.ts';
import type { Measured } from './usage-step.ts';

/** A figure before and now; each absent where it was not measured. */
export type Comparison = { readonly before?: Measured; readonly now?: Measured };

/** What one container used before a phase began against now. */
export type Baseline = { readonly cpuPercent: Comparison; readonly memoryBytes: Comparison };

/** How long before the beginning is looked at. */
export const baselineMs = 5 * 60_000;
const NOW_MS = 30_000;

/**
 * What each container used in the minutes before a time, against the mean of the last half minute. A key outlives
 * recreation, so that this compares the version before with the one after. Pure.
 *
 * @param beganAt when the first attempt of a phase began; undefined: none did, and there is no before.
 */
export function baselineOf(
  history: UsageHistory,
  keys: readonly string[],
  { beganAt, now }: { readonly beganAt: number | undefined; readonly now: number },
): ReadonlyMap<string, Baseline> {
  const compare = (key: string, figure: UsageFigure): Comparison => {
    const before =
      beganAt === undefined ? undefined : history.mean(key, figure, { fromAt: beganAt - baselineMs, toAt: beganAt });
    // What was measured before the beginning is no “now”.
    const fromAt = Math.max(now - NOW_MS, beganAt ?? Number.NEGATIVE_INFINITY);
    const last = fromAt < now ? history.mean(key, figure, { fromAt, toAt: now }) : undefined;
    return { ...(before === undefined ? {} : { before }), ...(last === undefined ? {} : { now: last }) };
  };
  return new Map(
    keys.map((key) => [key, { cpuPercent: compare(key, 'cpuPercent'), memoryBytes: compare(key, 'memoryBytes') }]),
  );
}
