/** How fast logs are read, so that a flood costs a bounded amount of time even to be counted. */
export type ReadPace = {
  /** Counts lines that were read; gives how long to read no more, in milliseconds: 0 mostly. */
  readonly spend: (lines: number) => number;
};

/** Some third of a core; few programs write faster for long, and the engine hardly sends faster. */
const LINES_A_SECOND = 50_000;

/** @param now milliseconds from any point, never going back */
export function createReadPace(now: () => number): ReadPace {
  let tokens = LINES_A_SECOND;
  let filledAt = now();
  return {
    spend(lines) {
      const at = now();
      tokens = Math.min(LINES_A_SECOND, tokens + ((at - filledAt) * LINES_A_SECOND) / 1_000) - lines;
      filledAt = at;
      return tokens >= 0 ? 0 : Math.ceil((-tokens * 1_000) / LINES_A_SECOND);
    },
  };
}
