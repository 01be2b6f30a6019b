/** How fast logs are read, so that a flood costs a bounded amount of time even to be counted. */
export type ReadPace = {
  /** Makes one for who reads; what it gives is called with the number of lines that were read, and says how long to read no more, in milliseconds: 0 mostly. */
  readonly reader: () => (lines: number) => number;
};

/** Some third of a core; few programs write faster for long, and the engine hardly sends faster. */
const LINES_A_SECOND = 50_000;
/** What each may read in any case, however much the others read. */
const SURE_A_SECOND = 1_000;

/** @param now milliseconds from any point, never going back */
export function createReadPace(now: () => number): ReadPace {
  const all = createBucket(LINES_A_SECOND, now);
  return {
    reader() {
      const sure = createBucket(SURE_A_SECOND, now);
      return (lines) => {
        const isSure = sure.left() >= lines;
        // Who stops flooding has a sure share again within a second.
        sure.take(Math.min(lines, sure.left()));
        // Who need not wait makes no debts for which others wait.
        all.take(isSure ? Math.min(lines, Math.max(0, all.left())) : lines);
        return isSure ? 0 : Math.ceil((Math.max(0, -all.left()) * 1_000) / LINES_A_SECOND);
      };
    },
  };
}

/** Saves up a second's worth. */
function createBucket(perSecond: number, now: () => number) {
  let tokens = perSecond;
  let filledAt = now();
  return {
    left(): number {
      const at = now();
      tokens = Math.min(perSecond, tokens + ((at - filledAt) * perSecond) / 1_000);
      filledAt = at;
      return tokens;
    },
    take(count: number): void {
      tokens -= count;
    },
  };
}
