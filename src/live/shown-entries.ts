import type { BookChange, LogBook } from './log-book.ts';
import type { LogFilter } from './log-filter.ts';
import type { LogEntry } from './log-ring.ts';

/** The entries of a book that pass a filter, in order. Each is looked at once, when it comes. */
export type ShownEntries = {
  readonly count: () => number;
  readonly at: (index: number) => LogEntry | undefined;
  /** Index of the first at or behind a position. */
  readonly indexOf: (position: number) => number;
  /** Follows a change of the book; gives how many new lines pass. */
  readonly follow: (change: BookChange) => number;
  /** Passes all of the book through another filter. */
  readonly refilter: (filter: LogFilter) => void;
};

const DROPPED_AT_ONCE = 4_096;

/** Starts with what the book holds. */
export function createShownEntries(book: LogBook, first: LogFilter): ShownEntries {
  let filter = first;
  let shown: LogEntry[] = [];
  let dropped = 0;

  const append = (from: number, firstNewId: number, known: ReadonlySet<LogEntry>): number => {
    const coming: LogEntry[] = [];
    for (let position = Math.max(from, book.begin()); position < book.end(); position++) {
      const entry = book.at(position);
      if (entry !== undefined && (entry.id >= firstNewId || known.has(entry))) coming.push(entry);
    }
    const passes = filter.passing(coming.filter((entry) => !known.has(entry)));
    let looked = 0;
    let lines = 0;
    for (const entry of coming) {
      if (known.has(entry)) shown.push(entry);
      else if (passes[looked++] === true) {
        shown.push(entry);
        if (entry.leftOut === 0) lines++;
      }
    }
    return lines;
  };
  const forget = () => {
    for (let entry = shown[dropped]; entry !== undefined && entry.position < book.begin(); entry = shown[++dropped]);
    if (dropped < DROPPED_AT_ONCE) return;
    shown.splice(0, dropped);
    dropped = 0;
  };
  const refill = () => {
    shown = [];
    dropped = 0;
    append(book.begin(), 0, new Set());
  };

  refill();
  return {
    count: () => shown.length - dropped,
    at: (index) => (index < 0 ? undefined : shown[dropped + index]),
    indexOf: (position) => {
      let low = dropped;
      let high = shown.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((shown[middle]?.position ?? 0) < position) low = middle + 1;
        else high = middle;
      }
      return low - dropped;
    },
    follow(change) {
      if (change.kind === 'status') return 0;
      if (change.kind === 'cleared') {
        refill();
        return 0;
      }
      const moved = new Set<LogEntry>();
      for (let last = shown.at(-1); last !== undefined && last.position >= change.from; last = shown.at(-1)) {
        moved.add(last);
        shown.pop();
      }
      if (shown.length < dropped) dropped = shown.length;
      const lines = append(change.from, change.firstNewId, moved);
      forget();
      return lines;
    },
    refilter(next) {
      filter = next;
      refill();
    },
  };
}
