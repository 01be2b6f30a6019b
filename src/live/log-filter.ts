import { createLineSearch, type LineSearch, type TextRange } from './line-search.ts';
import type { LogEntry } from './log-ring.ts';
import type { LogSettings } from './log-status.ts';

/** Which entries are shown, and where they match. */
export type LogFilter = {
  readonly passing: (entries: readonly LogEntry[]) => readonly boolean[];
  /** Where each matches; looked for once in each entry. */
  readonly ranges: (entries: readonly LogEntry[]) => readonly (readonly TextRange[])[];
  /** The pattern took far too long and is not looked for any more. */
  readonly isGivenUp: () => boolean;
};

const NOWHERE: readonly TextRange[] = [];

/** Makes the filter of these settings for the sources whose keys, in the order of appearance, `keys` gives; notes of what was left out pass only where no pattern is looked for. */
export function createLogFilter(
  settings: Pick<LogSettings, 'filter' | 'hidden'>,
  keys: () => readonly string[],
): LogFilter {
  const shown = (entries: readonly LogEntry[]): readonly boolean[] => {
    if (settings.hidden.length === 0) return entries.map(() => true);
    const isShown = keys().map((key) => !settings.hidden.includes(key));
    return entries.map(({ source }) => isShown[source] !== false);
  };
  if (settings.filter === undefined || settings.filter === '')
    return { passing: shown, ranges: (entries) => entries.map(() => NOWHERE), isGivenUp: () => false };
  const search = createLineSearch({ pattern: filterPattern(settings.filter) });
  return {
    ranges: rememberedRanges(search),
    isGivenUp: search.isGivenUp,
    passing: (entries) => {
      const matching = search.matching(entries.map(({ text }) => text));
      const isShown = shown(entries);
      return entries.map(({ leftOut }, place) => matching[place] === true && leftOut === 0 && isShown[place] === true);
    },
  };
}

function rememberedRanges(search: LineSearch): LogFilter['ranges'] {
  const known = new WeakMap<LogEntry, readonly TextRange[]>();
  return (entries) => {
    const unknown = entries.filter((entry) => !known.has(entry));
    const found = unknown.length === 0 ? [] : search.ranges(unknown.map(({ text }) => text));
    for (const [place, entry] of unknown.entries()) known.set(entry, found[place] ?? NOWHERE);
    return entries.map((entry) => known.get(entry) ?? NOWHERE);
  };
}

/** What an operator typed: a regular expression, or where it is none, the text itself; case does not matter. */
function filterPattern(filter: string): RegExp {
  try {
    return new RegExp(filter, 'i');
  } catch {
    return new RegExp(filter.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'i');
  }
}
