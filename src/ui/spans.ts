import stringWidth from 'string-width';

/** Colours of the terminal's own palette; none of them is black or white, so that a light background works too. */
export type Color = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

/** How text looks; an absent property is the terminal's default. */
export type Style = {
  readonly color?: Color;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
};

/** A piece of a row in one style. */
export type Span = { readonly text: string; readonly style: Style };

/** One row of the screen; a bare string is a span in the default style. */
export type Row = readonly (Span | string)[];

const colorCodes = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

// Controls, C1, bidirectional overrides, joiners and selectors: they move the cursor or make widths disagree.
const unsafe = /[\p{Cc}\p{Variation_Selector}]|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\u20e3/gu;
// What most rows are made of, all one cell wide; anything else is measured, which costs much more.
const narrow =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f\u2013-\u2014\u2018-\u201d\u2022\u2026\u2190-\u2193\u21a9\u21bb\u2500-\u259f\u2800-\u28ff○◇●■▰▱▶▸⚠⚑☐☑✔✖⏎]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A span of text in a style. */
export function span(text: string, style: Style = {}): Span {
  return { text, style };
}

/** Text as one line that no terminal can act on: breaks and tabs become spaces, other controls go. */
export function clean(text: string): string {
  if (narrow.test(text)) return text;
  return text.replaceAll(/\r\n|[\n\r\t]/g, ' ').replaceAll(unsafe, '');
}

/** The characters of a text as a person counts them: letters with their marks, whole emoji. */
export function graphemesOf(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Cells that a text takes; the text is taken as it is. */
export function widthOf(text: string): number {
  return narrow.test(text) ? text.length : stringWidth(text);
}

/** Cells that a row takes. */
export function rowWidth(row: Row): number {
  let width = 0;
  for (const part of row) width += widthOf(clean(textOf(part)));
  return width;
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  const safe = clean(text);
  if (widthOf(safe) <= width) return safe;
  if (width <= 0) return '';
  let out = '';
  let used = 0;
  for (const { segment } of segmenter.segment(safe)) {
    const cells = widthOf(segment);
    if (used + cells > width - 1) break;
    out += segment;
    used += cells;
  }
  return `${out}…`;
}

/** A row cut or filled with spaces to exactly that width. */
export function fitRow(row: Row, width: number): Row {
  const out: (Span | string)[] = [];
  let left = width;
  const whole = rowWidth(row);
  for (const part of row) {
    const text = clean(textOf(part));
    const cells = widthOf(text);
    // The last cell is kept for the ellipsis where the whole row is too long.
    if (cells < left || (cells === left && whole <= width)) {
      out.push(restyled(part, text));
      left -= cells;
      continue;
    }
    const shortened = whole > width ? cutHard(text, left) : text;
    out.push(restyled(part, shortened));
    left -= widthOf(shortened);
    break;
  }
  if (left > 0) out.push(' '.repeat(left));
  return out;
}

/** A row with one part at the left and one at the right end; the left is cut first. */
export function spread(left: Row, right: Row, width: number): Row {
  const rightWidth = rowWidth(right);
  if (rightWidth === 0) return fitRow(left, width);
  if (rightWidth >= width) return fitRow(right, width);
  return [...fitRow(left, width - rightWidth), ...right];
}

/** A text in rows of at most that width, broken at spaces; a word that is longer is broken where it must be. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const raw of text.split(/\r?\n/)) lines.push(...wrapLine(clean(raw), Math.max(1, width)));
  return lines;
}

/** A text behind a mark, in at most `height` rows of exactly that width; what has no room ends in an ellipsis. */
export function wrapRows(
  mark: Span | string,
  { text, style }: Span,
  { width, height }: { readonly width: number; readonly height: number },
): readonly Row[] {
  const indent = rowWidth([mark]);
  const lines = wrapText(text, width - indent);
  const shown = lines.length > height ? [...lines.slice(0, height - 1), lines.slice(height - 1).join(' ')] : lines;
  return shown.map((line, index) => fitRow([index === 0 ? mark : ' '.repeat(indent), span(line, style)], width));
}

/** A row as text with SGR sequences, each span closed by itself. */
export function toSgr(row: Row): string {
  let out = '';
  for (const part of row) {
    if (typeof part === 'string') {
      out += clean(part);
      continue;
    }
    const codes = codesOf(part.style);
    const text = clean(part.text);
    out += codes.length === 0 ? text : `\u001b[${codes.join(';')}m${text}\u001b[0m`;
  }
  return out;
}

/** A row's text without styles. */
export function plainText(row: Row): string {
  return row.map((part) => clean(textOf(part))).join('');
}

/** A row whose every span has one more style. */
export function styled(row: Row, style: Style): Row {
  return row.map((part) =>
    typeof part === 'string' ? span(part, style) : span(part.text, { ...part.style, ...style }),
  );
}

function textOf(part: Span | string): string {
  return typeof part === 'string' ? part : part.text;
}

function restyled(part: Span | string, text: string): Span | string {
  return typeof part === 'string' ? text : { text, style: part.style };
}

/** Cut so that an ellipsis stands even where the text itself would just fit: what follows it is missing. */
function cutHard(text: string, width: number): string {
  return widthOf(text) >= width ? cut(`${text}  `, width) : text;
}

function codesOf(style: Style): readonly number[] {
  const codes: number[] = [];
  if (style.bold === true) codes.push(1);
  if (style.dim === true) codes.push(2);
  if (style.italic === true) codes.push(3);
  if (style.underline === true) codes.push(4);
  if (style.inverse === true) codes.push(7);
  if (style.color !== undefined) codes.push(colorCodes[style.color]);
  return codes;
}

function wrapLine(line: string, width: number): readonly string[] {
  if (widthOf(line) <= width) return [line];
  const indent = ' '.repeat(Math.min(/^ */.exec(line)?.[0].length ?? 0, Math.floor(width / 2)));
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(' ')) {
    let rest = word;
    const gap = current === indent ? '' : ' ';
    if (widthOf(current + gap + rest) <= width) {
      current += gap + rest;
      continue;
    }
    if (current !== indent) lines.push(current);
    current = indent;
    while (widthOf(current + rest) > width) {
      const [head, tail] = splitAt(rest, width - widthOf(indent));
      lines.push(indent + head);
      rest = tail;
    }
    current += rest;
  }
  if (current !== indent) lines.push(current);
  return lines;
}

function splitAt(text: string, width: number): readonly [string, string] {
  let head = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const cells = widthOf(segment);
    // A cluster that is wider than a whole row can't be shown at all.
    if (head === '' && cells > width) return ['…', text.slice(segment.length)];
    if (used + cells > width) break;
    head += segment;
    used += cells;
  }
  return [head, text.slice(head.length)];
}
