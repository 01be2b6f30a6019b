/** How far the engine's clock is from ours, learned from its answers. */
export type EngineClock = {
  /**
   * Takes one answer: its `Date` header, and when it was asked and had by our clock, in milliseconds since the epoch.
   * A header that is absent, or no date, tells nothing.
   */
  readonly heard: (answer: {
    readonly date: string | undefined;
    readonly askedAt: number;
    readonly hadAt: number;
  }) => void;
  /** Milliseconds the engine's clock is ahead of ours; 0: not known, or less than two seconds. */
  readonly offsetMs: () => number;
};

/** The header has whole seconds, rounded down. */
const HEADER_MS = 1_000;
const NEGLIGIBLE_MS = 2_000;

/** Knows nothing before the first answer. Pure but for what it keeps. */
export function createEngineClock(): EngineClock {
  let offsetMs = 0;
  return {
    heard({ date, askedAt, hadAt }) {
      const saidAt = Date.parse(date ?? '');
      if (Number.isNaN(saidAt)) return;
      // The header was written somewhere between: what that moment allows is all that one answer proves.
      const leastMs = saidAt - hadAt;
      const mostMs = saidAt + HEADER_MS - askedAt;
      // Stamps that are set right by it would jump to and fro if it followed each answer's own error: a little is only
      // moved as far as the answer proves.
      const middleMs = Math.round((leastMs + mostMs) / 2);
      const isFar = Math.abs(middleMs - offsetMs) >= NEGLIGIBLE_MS;
      const nextMs = isFar ? middleMs : Math.min(Math.max(offsetMs, leastMs), mostMs);
      const isProven = offsetMs >= leastMs && offsetMs <= mostMs;
      if (!isProven) offsetMs = Math.abs(nextMs) < NEGLIGIBLE_MS ? 0 : nextMs;
    },
    offsetMs: () => offsetMs,
  };
}
