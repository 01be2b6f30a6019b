import { searchPattern } from '../definition/pattern.ts';
import { stripSequences } from '../live/strip-sequences.ts';
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

  const look = (text: string) => {
    for (const line of stripSequences(text).split(/\r\n|\n|\r/)) {
      if (line.length === 0) continue;
      lines += 1;
      if (!found && wanted?.test(line) === true) found = true;
      if (offending === undefined && unwanted?.test(line) === true) offending = line;
    }
  };
  const isDecided = () => (wanted === undefined || found) && (unwanted === undefined || offending !== undefined);

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
      if (match !== undefined && !found) {
        unmet.push({ what: 'match', wanted: match, found: lines === 0 ? 'no output' : `none of ${lines} lines` });
      }
      if (noMatch !== undefined && offending !== undefined) {
        unmet.push({ what: 'no-match', wanted: noMatch, found: offending.slice(0, SHOWN_CHARACTERS) });
      }
      return unmet;
    },
  };
}

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
