/**
 * A definition's regular expression (JavaScript's syntax) as it is searched for in output and bodies:
 * letter case does not matter, and `^` and `$` hold at every line.
 *
 * @throws {SyntaxError} if the text is no regular expression; a loaded runbook holds none such.
 */
export function searchPattern(source: string): RegExp {
  return new RegExp(source, 'im');
}

/**
 * A definition's regular expression that a whole value has to match, as a variable's `pattern` does.
 *
 * @throws {SyntaxError} if the text is no regular expression; a loaded runbook holds none such.
 */
export function wholePattern(source: string): RegExp {
  return new RegExp(`^(?:${source})$`);
}

const LONGEST_PATTERN = 1_000;
const MOST_REPEATED = 1_000_000;

/** Whether a regular expression matches a text; undefined: it takes too long to say. */
export type Matches = (pattern: RegExp, text: string) => boolean | undefined;

/** Waits for the answer, however long it takes: for patterns and texts that nobody chose to do harm with. */
export const matchesAtLeisure: Matches = (pattern, text) => pattern.test(text);

/** Why a text is no regular expression, in the engine's words; undefined where it is one. */
export function patternFault(source: string): string | undefined {
  if (source.length > LONGEST_PATTERN) return `it is longer than ${LONGEST_PATTERN} characters`;
  // Making sense of repetitions within repetitions takes more memory than there is, and can't be interrupted.
  const repeated = Array.from(source.matchAll(/\{(\d+)(?:,(\d*))?\}/g), ([, least, most]) => Number(most || least));
  if (repeated.reduce((all, one) => all * Math.max(1, one), 1) > MOST_REPEATED)
    return `its counted repetitions come to more than ${MOST_REPEATED} in all`;
  try {
    searchPattern(source);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message.replace(/^Invalid regular expression: (?:\/.*\/\w*: )?/s, '');
  }
}
