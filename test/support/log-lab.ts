import fc from 'fast-check';
import { type Grid, rowText } from '../../src/live/cells.ts';
import { type CompiledAlert, createLogBook, type LogBook } from '../../src/live/log-book.ts';
import type { LogLine, LogSource } from '../../src/live/log-line.ts';

/** A book with a clock that is set by hand. */
export function openBook(options: { readonly capacity?: number; readonly alert?: CompiledAlert } = {}) {
  const clock = { now: 1_000_000 };
  const book = createLogBook({ ...options, now: () => clock.now });
  return { book, clock };
}

export const sourcesOf = (...names: readonly string[]): readonly LogSource[] =>
  names.map((name) => ({ key: name, kind: 'container', name }));

/** Announces sources, by the names they also have as keys. */
export function announce(book: LogBook, ...names: readonly string[]): void {
  book.take({ kind: 'sources', sources: sourcesOf(...names) });
}

export const lineOf = (source: string, at: number, text: string): LogLine => ({ source, at, text });

/** Takes lines of one source, all of one time. */
export function write(book: LogBook, source: string, texts: readonly string[], at = 1_000_000): void {
  book.take({ kind: 'lines', lines: texts.map((text) => lineOf(source, at, text)) });
}

/** All texts in a book, in order. */
export function textsIn(book: LogBook): readonly string[] {
  const texts: string[] = [];
  for (let position = book.begin(); position < book.end(); position++) texts.push(book.at(position)?.text ?? '?');
  return texts;
}

/** The rows of a grid as text. */
export const textRows = (grid: Grid): readonly string[] =>
  Array.from({ length: grid.rows }, (_, y) => rowText(grid, y));

/** Text as hostile as a container can write it. */
export const hostile = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '\x1b[2J',
      '\x1b]0;t\x07',
      '\x9b31m',
      '\u202e',
      '日本',
      '👩‍👩‍👧',
      '🇩🇪',
      '\u0301',
      '\t',
      '\r',
      '\0',
      '\ud83d',
    ),
  ),
  { maxLength: 12 },
);
