import { loadRunbook } from '../../src/definition/load-runbook.ts';
import { formatProblem } from '../../src/definition/problem.ts';
import type { Runbook } from '../../src/definition/runbook.ts';

/**
 * A runbook from the text of its phases, as a person would write it.
 *
 * @throws {Error} with all its errors if it has any.
 */
export function bookOf(phases: string, head = ''): Runbook {
  return bookFrom(bookText(phases, head));
}

/** The text of a runbook with these phases. */
export function bookText(phases: string, head = ''): string {
  return `version: 1\nid: book\ntitle: Book\n${head}\nphases:\n${phases}`;
}

/** @throws {Error} with all its errors if it has any. */
export function bookFrom(text: string): Runbook {
  const { runbook, problems } = loadRunbook(text);
  if (runbook) return runbook;
  throw new Error(problems.map((one) => formatProblem(one, { file: 'book', text, color: false })).join('\n'));
}
