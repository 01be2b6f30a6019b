import { searchPattern } from '../definition/pattern.ts';
import { isPlainPattern } from '../live/plain-pattern.ts';
import { stripSequences } from '../live/strip-sequences.ts';
import { createTimeGuard, type TimeGuard } from '../live/time-guard.ts';
import type { ResolvedExpectation, Unmet } from './spec.ts';

/** Compares every line of an output with what is expected of it, however long the output is. */
export interface LineMatcher {
  push(bytes: Uint8Array): void;
  /** The expectations of the output that did not hold; the exit status is not among them. */
  end(): readonly Unmet[];
}

/** A line longer than this is looked at in pieces: a regular expression may need far more than linear time. */
const LONGEST_LINE_BYTES = 64 * 1024;
const SHOWN_CHARACTERS = 400;
/** So long some 64 KiB may take. */
const LIMIT_MS = 1_000;
const NEWLINE = 0x0a;

/**
 * Makes a matcher; undefined if nothing is expected of the output. Colours and cursor movements are removed before a
 * line is compared, and a carriage return ends a line too: progress that redraws itself is many lines.
 *
 * @throws {SyntaxError} if a pattern is no regular expression.
 */
export function createLineMatcher(expectation: ResolvedExpectation): LineMatcher | undefined {
  const { match, noMatch } = expectation;
  if (match === undefined && noMatch === undefined) return undefined;
  const wanted = match === undefined ? undefined : searchPattern(match);
  const unwanted = noMatch === undefined ? undefined : searchPattern(noMatch);
  let rest: Buffer = Buffer.alloc(0);
  let lines = 0;
  let found = false;
  let offending: string | undefined;
  let last = '';
  const guard = guardFor([wanted, unwanted]);
  /** The line after which it was given up; 0: it was not. */
  let tooLong = 0;

  const look = (text: string) => {
    if (tooLong > 0) return;
    const pieces = stripSequences(text)
      .split(/\r\n|\n|\r/)
      .filter((line) => line.length > 0);
    lines += pieces.length;
    last = pieces.at(-1) ?? last;
    const compare = () => {
      for (const line of pieces) {
        if (!found && wanted?.test(line) === true) found = true;
        if (offending === undefined && unwanted?.test(line) === true) offending = line;
      }
    };
    // A machine that slept in the middle makes it late too: only what is late again is given up.
    if (!isDone(guard, compare) && !isDone(guard, compare)) tooLong = lines;
  };
  const isDecided = () =>
    tooLong > 0 || ((wanted === undefined || found) && (unwanted === undefined || offending !== undefined));

  return {
    push(bytes) {
      if (isDecided()) return;
      const chunk = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end > 0) lookAtPieces(chunk.subarray(0, end), look);
      rest = chunk.subarray(end);
      while (rest.length > LONGEST_LINE_BYTES) {
        look(rest.subarray(0, LONGEST_LINE_BYTES).toString());
        rest = rest.subarray(LONGEST_LINE_BYTES);
      }
    },
    end() {
      if (rest.length > 0 && !isDecided()) look(rest.toString());
      const unmet: Unmet[] = [];
      if (tooLong > 0) {
        // What could not be looked at is not known to be as it should.
        const late = [...(found ? [] : [match]), ...(offending === undefined ? [noMatch] : [])];
        for (const pattern of late)
          if (pattern !== undefined) unmet.push({ what: 'too slow', wanted: pattern, found: `line ${tooLong}` });
      }
      if (match !== undefined && !found && tooLong === 0) {
        unmet.push({ what: 'match', wanted: match, found: lines === 0 ? 'no output' : noneOf(lines, last) });
      }
      if (noMatch !== undefined && offending !== undefined) {
        unmet.push({ what: 'no-match', wanted: noMatch, found: offending.slice(0, SHOWN_CHARACTERS) });
      }
      return unmet;
    },
  };
}

function noneOf(lines: number, last: string): string {
  const count = lines === 1 ? 'the only line is' : `none of ${lines} lines, the last is`;
  return `${count} “${last.slice(0, SHOWN_CHARACTERS)}”`;
}

/** A pattern may take for ever on a line, and while it does, nothing stops the command or reads what it prints. */
function guardFor(patterns: readonly (RegExp | undefined)[]): TimeGuard {
  if (patterns.every((pattern) => pattern === undefined || isPlainPattern(pattern))) return unguarded;
  return createTimeGuard(LIMIT_MS);
}

/** A pattern that is too large is refused only when it is used. */
function isDone(guard: TimeGuard, work: () => void): boolean {
  try {
    return guard(work);
  } catch {
    return false;
  }
}

const unguarded: TimeGuard = (work) => {
  work();
  return true;
};

/** Hands over whole lines, at most some 64 KiB at a time where they are that short. */
function lookAtPieces(whole: Buffer, look: (text: string) => void): void {
  for (let from = 0; from < whole.length; ) {
    const limit = from + LONGEST_LINE_BYTES;
    const cut = limit >= whole.length ? whole.length : whole.lastIndexOf(NEWLINE, limit - 1) + 1;
    const to = cut > from ? cut : limit;
    look(whole.subarray(from, to).toString());
    from = to;
  }
}
