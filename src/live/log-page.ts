import type { LogEntry } from './log-ring.ts';
import type { ShownEntries } from './shown-entries.ts';

/** A row of a list of entries: the entry's index among those shown, and the row within it. */
export type LogPlace = { readonly index: number; readonly row: number };

/** What a page is laid over. */
export type PageGround = {
  readonly shown: ShownEntries;
  readonly rows: number;
  /** How many rows an entry takes. */
  readonly rowsOf: (entry: LogEntry) => number;
};

/** The first row of the last page. */
export function lastPage(ground: PageGround): LogPlace {
  return movedUp(ground, { index: ground.shown.count(), row: 0 }, ground.rows);
}

/** The place so many rows further up, at most the first. */
export function movedUp({ shown, rowsOf }: PageGround, from: LogPlace, rows: number): LogPlace {
  let { index, row } = from;
  let left = rows;
  while (left > row && index > 0) {
    left -= row;
    index--;
    row = heightAt(shown, rowsOf, index);
  }
  return { index, row: Math.max(0, row - left) };
}

/** The place so many rows further down, at most the first of the last page. */
export function movedDown(ground: PageGround, from: LogPlace, rows: number): LogPlace {
  const { shown, rowsOf } = ground;
  const last = lastPage(ground);
  let { index, row } = from;
  let left = rows;
  while (isBefore({ index, row }, last)) {
    const below = heightAt(shown, rowsOf, index) - row;
    if (left < below) return earlier({ index, row: row + left }, last);
    left -= below;
    index++;
    row = 0;
  }
  return last;
}

/** Whichever comes first. */
export function earlier(one: LogPlace, other: LogPlace): LogPlace {
  return isBefore(one, other) ? one : other;
}

/** Whether one place lies above another. */
export function isBefore(one: LogPlace, other: LogPlace): boolean {
  return one.index < other.index || (one.index === other.index && one.row < other.row);
}

function heightAt(shown: ShownEntries, rowsOf: PageGround['rowsOf'], index: number): number {
  const entry = shown.at(index);
  return entry === undefined ? 0 : rowsOf(entry);
}
