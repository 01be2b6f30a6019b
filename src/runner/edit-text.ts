/**
 * Texts of files as `latin1`: one character a byte, so that what is not UTF-8 comes through a change as it was.
 */
export type ByteText = string;

export type Replaced =
  | { readonly kind: 'replaced'; readonly text: ByteText }
  | { readonly kind: 'not as expected'; readonly count: number; readonly lines: readonly number[] };

/** A UTF-8 text as the bytes of a file. */
export function toByteText(text: string): ByteText {
  return Buffer.from(text).toString('latin1');
}

/** The bytes of a file as a text for people; what is not UTF-8 is shown as replacement characters. */
export function fromByteText(text: ByteText): string {
  return Buffer.from(text, 'latin1').toString();
}

/**
 * Replaces a text that has to occur exactly `times` times, without overlaps. Line endings do not matter to the search;
 * the new text takes those of the place, or of the file where the place has none.
 *
 * @param input.replace not empty.
 */
export function replaceInText(
  content: ByteText,
  input: { readonly replace: string; readonly with: string; readonly times: number },
): Replaced {
  const wanted = toByteText(unixLines(input.replace));
  const pattern = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll('\n', '\\r?\\n'), 'g');
  const matches = [...content.matchAll(pattern)];
  if (matches.length !== input.times) {
    const lines = matches.map((match) => lineAt(content, match.index));
    return { kind: 'not as expected', count: matches.length, lines };
  }
  const next = toByteText(unixLines(input.with));
  const ofFile = firstEnding(content) ?? '\n';
  const text = content.replace(pattern, (found) => next.replaceAll('\n', firstEnding(found) ?? ofFile));
  return { kind: 'replaced', text };
}

/** How often a text occurs, whatever the line endings. */
export function occurrences(content: ByteText, text: string): number {
  const result = replaceInText(content, { replace: text, with: '', times: -1 });
  return result.kind === 'replaced' ? 0 : result.count;
}

/** The passage of as many lines as the wanted text has that is most like it; undefined in an empty file. */
export function nearest(
  content: ByteText,
  wanted: string,
): { readonly line: number; readonly text: string } | undefined {
  const lines = fromByteText(content).split(/\r?\n/);
  const wantedLines = unixLines(wanted).split('\n');
  // The line that says most is looked for, not the first: it may be empty or a bracket.
  const anchor = wantedLines.reduce(
    (best, line, index) => (line.trim().length > (wantedLines[best] ?? '').trim().length ? index : best),
    0,
  );
  const sought = pairsOf((wantedLines[anchor] ?? '').trim());
  let best = { line: 0, likeness: 0 };
  for (const [index, line] of lines.entries()) {
    const likeness = likenessOf(pairsOf(line.trim()), sought);
    if (likeness > best.likeness) best = { line: index, likeness };
  }
  if (best.likeness === 0) return undefined;
  const from = Math.max(0, best.line - anchor);
  return { line: from + 1, text: lines.slice(from, from + wantedLines.length).join('\n') };
}

function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function firstEnding(text: ByteText): '\r\n' | '\n' | undefined {
  const at = text.indexOf('\n');
  if (at === -1) return undefined;
  return text[at - 1] === '\r' ? '\r\n' : '\n';
}

function lineAt(content: ByteText, index: number): number {
  let line = 1;
  for (let at = content.indexOf('\n'); at !== -1 && at < index; at = content.indexOf('\n', at + 1)) line += 1;
  return line;
}

function pairsOf(text: string): ReadonlySet<string> {
  const pairs = new Set<string>();
  for (let at = 0; at + 1 < text.length && at < 1_000; at++) pairs.add(text.slice(at, at + 2));
  return pairs;
}

/** Dice's coefficient of two sets of letter pairs: 1 for equal ones, 0 for nothing in common. */
function likenessOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size === 0 || other.size === 0) return 0;
  let common = 0;
  for (const pair of one) if (other.has(pair)) common += 1;
  return (2 * common) / (one.size + other.size);
}
