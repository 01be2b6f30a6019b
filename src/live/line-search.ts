import { isPlainPattern } from './plain-pattern.ts';
import { createTimeGuard, type TimeGuard } from './time-guard.ts';

/** Part of a text, in UTF-16 units; `to` is not part of it. */
export type TextRange = { readonly from: number; readonly to: number };

/** Looks for a regular expression in lines; one that takes far too long is given up, so that it can't stop the screen. */
export type LineSearch = {
  /** Which of the lines match; of those that could not be looked at in time, none does. */
  readonly matching: (lines: readonly string[]) => readonly boolean[];
  /** Where each of the lines matches, in order. */
  readonly ranges: (lines: readonly string[]) => readonly (readonly TextRange[])[];
  /** True: it took too long too often, and finds nothing any more. */
  readonly isGivenUp: () => boolean;
};

// Even a pattern that needs 0.2 µs a character gets through that many in time.
const CHARACTERS_A_RUN = 500_000;
const LIMIT_MS = 100;
const MAX_TIMES_TOO_LONG = 3;
const MAX_RANGES = 500;

/**
 * Makes a search for lines that match `pattern` and not `ignore`. In all it takes 0.3 s too long at most, and 0.1 s at a
 * time. Pure but for that clock.
 */
export function createLineSearch(patterns: { readonly pattern: RegExp; readonly ignore?: RegExp }): LineSearch {
  const isPlain =
    isPlainPattern(patterns.pattern) && (patterns.ignore === undefined || isPlainPattern(patterns.ignore));
  const guard = isPlain ? unguarded : createTimeGuard(LIMIT_MS);
  const pattern = withFlags(patterns.pattern, '');
  const ignore = patterns.ignore === undefined ? undefined : withFlags(patterns.ignore, '');
  const everywhere = withFlags(patterns.pattern, 'g');
  let timesTooLong = 0;

  const look = <T>(lines: readonly string[], none: T, at: (line: string) => T): readonly T[] => {
    const found: T[] = [];
    while (found.length < lines.length && timesTooLong < MAX_TIMES_TOO_LONG) {
      const end = endOfRun(lines, found.length);
      const isInTime = guard(() => {
        while (found.length < end) found.push(at(lines[found.length] ?? ''));
      });
      if (isInTime) continue;
      timesTooLong++;
      found.push(none);
    }
    while (found.length < lines.length) found.push(none);
    return found;
  };

  return {
    matching: (lines) => look(lines, false, (line) => pattern.test(line) && ignore?.test(line) !== true),
    ranges: (lines) => look<readonly TextRange[]>(lines, [], (line) => rangesIn(line, everywhere)),
    isGivenUp: () => timesTooLong >= MAX_TIMES_TOO_LONG,
  };
}

const unguarded: TimeGuard = (work) => {
  work();
  return true;
};

function endOfRun(lines: readonly string[], from: number): number {
  let characters = 0;
  let end = from;
  while (end < lines.length && characters < CHARACTERS_A_RUN) characters += (lines[end++]?.length ?? 0) + 1;
  return end;
}

/** Neither `test` nor `matchAll` may depend on where the one before ended. */
function withFlags(pattern: RegExp, more: string): RegExp {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '') + more);
}

function rangesIn(line: string, everywhere: RegExp): readonly TextRange[] {
  const ranges: TextRange[] = [];
  for (const match of line.matchAll(everywhere)) {
    if (match[0] === '') continue;
    ranges.push({ from: match.index, to: match.index + match[0].length });
    if (ranges.length >= MAX_RANGES) break;
  }
  return ranges;
}
