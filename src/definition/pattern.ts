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

/** Why a text is no regular expression, in the engine's words; undefined where it is one. */
export function patternFault(source: string): string | undefined {
  try {
    searchPattern(source);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message.replace(/^Invalid regular expression: (?:\/.*\/\w*: )?/s, '');
  }
}
