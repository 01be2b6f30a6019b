/** How many lines may be passed on: what comes faster is counted and left out, so that a flood costs a bounded amount. */
export type LineBudget = {
  /** How many lines of a source may be passed on now. */
  readonly allowance: (source: string) => number;
  readonly spend: (source: string, lines: number) => void;
};

type Bucket = { tokens: number; filledAt: number };

/** Of one source; of all together; and what each source has in any case, however loud the others are. */
const PER_SECOND = 2_000;
const ALL_PER_SECOND = 5_000;
const SURE_PER_SECOND = 100;
/** What was there before following began comes at once. */
const AT_FIRST = 20_000;
/** Of more, those that were quiet for so long are forgotten. */
const MOST_SOURCES = 200;
const FORGOTTEN_AFTER_MS = 60_000;

/** @param now milliseconds from any point, never going back */
export function createLineBudget(now: () => number): LineBudget {
  const sources = new Map<string, { readonly own: Bucket; readonly sure: Bucket }>();
  const all: Bucket = { tokens: AT_FIRST, filledAt: now() };
  const forget = () => {
    for (const [source, { own }] of sources) {
      if (sources.size <= MOST_SOURCES || now() - own.filledAt < FORGOTTEN_AFTER_MS) return;
      sources.delete(source);
    }
  };
  const of = (source: string) => {
    const known = sources.get(source) ?? {
      own: { tokens: AT_FIRST, filledAt: now() },
      sure: { tokens: SURE_PER_SECOND, filledAt: now() },
    };
    // The longest unused stand first.
    sources.delete(source);
    sources.set(source, known);
    forget();
    fill(known.own, PER_SECOND, now());
    fill(known.sure, SURE_PER_SECOND, now());
    fill(all, ALL_PER_SECOND, now());
    return known;
  };
  return {
    allowance: (source) => {
      const { own, sure } = of(source);
      return Math.max(0, Math.floor(Math.max(Math.min(own.tokens, all.tokens), Math.min(own.tokens, sure.tokens))));
    },
    spend: (source, lines) => {
      const { own, sure } = of(source);
      own.tokens -= lines;
      sure.tokens = Math.max(0, sure.tokens - lines);
      all.tokens = Math.max(0, all.tokens - lines);
    },
  };
}

/** A second's worth is all that is saved up; what was there at first is not taken away. */
function fill(bucket: Bucket, perSecond: number, now: number): void {
  const gained = ((now - bucket.filledAt) * perSecond) / 1_000;
  bucket.filledAt = now;
  bucket.tokens = Math.max(bucket.tokens, Math.min(perSecond, bucket.tokens + gained));
}
