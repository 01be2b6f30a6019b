/** A line as it is kept, or a note that lines of its source were left out there. */
export type LogEntry = {
  /** Counts up in the order of coming. */
  readonly id: number;
  /** The source's place in the order of appearance. */
  readonly source: number;
  /** When it was written, in milliseconds since the epoch. */
  readonly at: number;
  /** When it came to us. */
  readonly cameAt: number;
  readonly text: string;
  readonly isError: boolean;
  /** How many lines are missing here; 0: it is a line itself. */
  readonly leftOut: number;
  /** Its place among all that ever were in order; it changes only as long as it is not settled, and never after it dropped out. */
  readonly position: number;
};

/** What an entry is made of. */
export type NewEntry = Omit<LogEntry, 'position'>;

/** The newest entries of all sources, in order of time. */
export type LogRing = {
  /** Position of the oldest, and the one after the newest. */
  readonly begin: () => number;
  readonly end: () => number;
  readonly at: (position: number) => LogEntry | undefined;
  /** How many of the entries are lines. */
  readonly lines: () => number;
  /** Whether there is an entry of the source at this place. */
  readonly has: (source: number) => boolean;
  /** Puts entries where they belong by their times; gives the first position at which something is new. */
  readonly insert: (entries: readonly NewEntry[], now: number) => number;
  /** What is there now stays where it is: what comes goes behind it. */
  readonly settle: () => void;
  /** Drops everything; positions go on counting. */
  readonly clear: () => void;
};

type Kept = { -readonly [Key in keyof LogEntry]: LogEntry[Key] } & { readonly key: number };

/** How long a line of another source may be late and still be put where it belongs. */
const LOOK_BACK_MS = 5_000;
// Dropped entries are taken out of the array in one go now and then: each time costs as much as the array is long.
const DROPPED_AT_ONCE = 4_096;

/**
 * Makes a ring.
 *
 * What orders the part that is not settled is the time, but not later than now, nor before what the same source wrote
 * before: lines of one source never change order, whatever their clocks say.
 */
export function createLogRing(capacity: { readonly lines: number; readonly characters: number }): LogRing {
  let kept: Kept[] = [];
  let dropped = 0;
  /** Position of the first in the array. */
  let base = 0;
  let settledTo = 0;
  let lines = 0;
  let characters = 0;
  let lastKeys: number[] = [];
  let counts: number[] = [];

  const begin = () => base + dropped;
  const end = () => base + kept.length;
  const at = (position: number) => (position < begin() ? undefined : kept[position - base]);
  const count = ({ source }: NewEntry, by: number) => {
    counts[source] = (counts[source] ?? 0) + by;
  };
  const drop = () => {
    while (end() - begin() > capacity.lines || characters > capacity.characters) {
      const entry = kept[dropped++];
      if (entry === undefined) break;
      if (entry.leftOut === 0) lines--;
      characters -= entry.text.length;
      count(entry, -1);
    }
    if (dropped < DROPPED_AT_ONCE) return;
    kept.splice(0, dropped);
    base += dropped;
    dropped = 0;
  };
  const keyed = (entry: NewEntry, now: number): Kept => {
    const key = Math.max(Math.min(entry.at, now), lastKeys[entry.source] ?? Number.NEGATIVE_INFINITY);
    lastKeys[entry.source] = key;
    return { ...entry, position: 0, key };
  };

  return {
    begin,
    end,
    at,
    lines: () => lines,
    has: (source) => (counts[source] ?? 0) > 0,
    insert(entries, now) {
      settledTo = Math.max(settledTo, begin());
      while (settledTo < end() && now - (at(settledTo)?.cameAt ?? 0) > LOOK_BACK_MS) settledTo++;
      const coming = entries.map((entry) => keyed(entry, now)).sort((one, other) => one.key - other.key);
      const from = firstAfter(kept, settledTo - base, coming[0]?.key ?? 0);
      const tail = kept.splice(from);
      for (const entry of merged(tail, coming)) {
        entry.position = end();
        kept.push(entry);
      }
      for (const entry of coming) {
        if (entry.leftOut === 0) lines++;
        characters += entry.text.length;
        count(entry, 1);
      }
      const position = base + from;
      drop();
      return position;
    },
    settle: () => {
      settledTo = end();
    },
    clear() {
      base = end();
      settledTo = base;
      kept = [];
      lastKeys = [];
      counts = [];
      dropped = 0;
      lines = 0;
      characters = 0;
    },
  };
}

/** The first place, not before `from`, behind all keys up to this one. */
function firstAfter(kept: readonly Kept[], from: number, key: number): number {
  let low = from;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kept[middle]?.key ?? 0) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* merged(earlier: readonly Kept[], later: readonly Kept[]): Iterable<Kept> {
  let next = 0;
  for (const entry of later) {
    for (let old = earlier[next]; old !== undefined && old.key <= entry.key; old = earlier[++next]) yield old;
    yield entry;
  }
  for (let old = earlier[next]; old !== undefined; old = earlier[++next]) yield old;
}
