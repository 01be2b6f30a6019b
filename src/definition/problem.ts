import type { Position } from './runbook.ts';

/** Every way in which a definition can be wrong. Tests and editors match on these, not on the words. */
export type ProblemCode =
  | 'yaml-syntax'
  | 'duplicate-key'
  | 'too-large'
  | 'too-deep'
  | 'too-many-aliases'
  | 'unknown-key'
  | 'wrong-type'
  | 'missing-key'
  | 'wrong-value'
  | 'duplicate-id'
  | 'unknown-name'
  | 'unknown-step'
  | 'unknown-phase'
  | 'unknown-host'
  | 'wrong-kind'
  | 'bad-pattern'
  | 'bad-duration'
  | 'trap'
  | 'not-used-yet'
  | 'no-way-back';

/** One finding about a definition. An error keeps it from being opened; a warning is said by `check` only. */
export type Problem = {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  /** What was found, what is allowed, what to do. */
  readonly message: string;
  /** Where in the structure: `phases[2].steps[0].run`; empty: the whole file. */
  readonly path: string;
  readonly position: Position;
  /** Columns to underline from `position` on; at least 1. */
  readonly length: number;
};

/** Orders problems as they stand in the text; at one place errors come first. */
export function compareProblems(one: Problem, other: Problem): number {
  return (
    one.position.line - other.position.line ||
    one.position.column - other.position.column ||
    one.severity.localeCompare(other.severity)
  );
}

/** A line of the text is shown this wide at most; more is cut around what is underlined. */
const widestSource = 100;

/**
 * A problem for a person: `file:line:column code: message`, the path, the source line, carets under it.
 * Nothing of the file's text reaches the terminal as a control: control characters and those that turn
 * the direction of writing are spelled out. `color` puts the only escape codes in. No newline at the end.
 */
export function formatProblem(problem: Problem, where: { file: string; text: string; color: boolean }): string {
  const { line, column } = problem.position;
  const paint = (code: string, words: string) => (where.color ? `\u001b[${code}m${words}\u001b[0m` : words);
  const tone = problem.severity === 'error' ? '31' : '33';
  const label = problem.severity === 'error' ? problem.code : `warning ${problem.code}`;
  const head = `${paint('1', `${harmless(where.file)}:${line}:${column}`)} ${paint(tone, label)}: ${harmless(problem.message)}`;
  const path = problem.path === '' ? [] : [`  at ${harmless(problem.path)}`];
  const source = sourceLine(where.text, line);
  if (source === undefined) return [head, ...path].join('\n');
  const { shown, indent, underlined } = excerpt(source, column, problem.length);
  const gutter = String(line).padStart(5);
  return [
    head,
    ...path,
    `${gutter} | ${shown}`,
    `${' '.repeat(gutter.length)} | ${' '.repeat(indent)}${paint(tone, '^'.repeat(underlined))}`,
  ].join('\n');
}

function sourceLine(text: string, line: number): string | undefined {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const next = text.indexOf('\n', start);
    if (next === -1) return undefined;
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '');
}

const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** One character as it is shown, and how many columns it takes. */
function cell(character: string): { shown: string; width: number } {
  if (character === '\t') return { shown: ' ', width: 1 };
  if (dangerous.test(character)) {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return { shown: `<U+${code}>`, width: code.length + 4 };
  }
  if (/\p{M}/u.test(character)) return { shown: character, width: 0 };
  return { shown: character, width: wide.test(character) ? 2 : 1 };
}

function harmless(words: string): string {
  return Array.from(words, (character) => cell(character).shown).join('');
}

/** The part of a line around the underlined one: what is shown, and where and how wide the carets are. */
function excerpt(line: string, column: number, length: number): { shown: string; indent: number; underlined: number } {
  const from = Math.min(column - 1, line.length);
  const first = Math.max(0, line.length <= widestSource ? 0 : from - 40);
  const last = Math.min(line.length, first + widestSource);
  const before = Array.from(line.slice(first, from), cell);
  const marked = Array.from(line.slice(from, Math.min(last, from + length)), cell);
  const after = Array.from(line.slice(Math.min(last, from + length), last), cell);
  const width = (cells: readonly { width: number }[]) => cells.reduce((sum, one) => sum + one.width, 0);
  const shown = [...before, ...marked, ...after].map((one) => one.shown).join('');
  return {
    shown: `${first > 0 ? '…' : ''}${shown}${last < line.length ? '…' : ''}`,
    indent: width(before) + (first > 0 ? 1 : 0),
    underlined: Math.max(1, width(marked)),
  };
}
