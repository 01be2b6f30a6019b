import stringWidth from 'string-width';

/** What stands in a cell for a character that must not reach a terminal. */
export const REPLACEMENT = '\uFFFD';

const MAX_MARKS = 4;
const MARK = /^(?!\p{Default_Ignorable_Code_Point})\p{Mn}$/u;
// Enclosing marks (keycaps) are among them: terminals draw them over the neighbour.
const INVISIBLE = /^[\p{Me}\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]$/u;
const DIRECTION = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const EMOJI = /^\p{Emoji_Presentation}$/u;
// Text in which every UTF-16 unit is a cell or two of its own: no marks, joiners, surrogates or controls.
const SIMPLE =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0373\u0384-\u0482\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u2bff\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]*$/u;
const ZERO_WIDTH_JOINER = '\u200D';
const FIRST_REGIONAL_INDICATOR = 0x1f1e6;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Takes one glyph and how many columns it fills. */
export type PutGlyph = (text: string, width: 1 | 2) => void;

/** Makes the invisible characters that reorder text visible, so that what is read is what is there. */
export function exposeDirectionControls(text: string): string {
  return text.replace(DIRECTION, REPLACEMENT);
}

/**
 * Cuts text into glyphs that terminals agree on: a visible code point with at most four marks. What
 * they disagree on (joined emoji, variation selectors, flags, keycaps) is reduced to its first
 * visible part and padded to the columns that layout counted for it, so that borders stay in place.
 * Control characters give nothing.
 */
export function eachGlyph(text: string, put: PutGlyph): void {
  if (SIMPLE.test(text)) {
    for (const char of text) put(char, simpleWidth(char));
    return;
  }
  for (const { segment } of segmenter.segment(text.toWellFormed()))
    eachGlyphOfCluster(segment, stringWidth(segment), put);
}

/** The same for one cluster whose width is known, as it is in a terminal's buffer. */
export function eachGlyphOfCluster(cluster: string, width: number, put: PutGlyph): void {
  let left = width;
  let pending: { text: string; width: 1 | 2; marks: number } | undefined;
  for (const char of cluster.normalize('NFC')) {
    if (char === ZERO_WIDTH_JOINER && pending !== undefined) break;
    if (MARK.test(char)) {
      if (pending !== undefined && pending.marks++ < MAX_MARKS) pending.text += char;
      continue;
    }
    if (INVISIBLE.test(char)) continue;
    const letter = regionLetter(char);
    const own = letter === undefined && stringWidth(char) === 2 ? 2 : 1;
    if (own > left) break;
    if (pending !== undefined) put(pending.text, pending.width);
    pending = { text: letter ?? char, width: own, marks: 0 };
    left -= own;
  }
  if (pending !== undefined) put(pending.text, pending.width);
  for (; left > 0; left--) put(' ', 1);
}

function simpleWidth(char: string): 1 | 2 {
  const code = char.charCodeAt(0);
  if (code < 0x2190) return 1;
  if (code < 0x2c00) return EMOJI.test(char) ? 2 : 1;
  return 2;
}

/** The letter behind one half of a flag; a pair of them then reads as a country's code. */
function regionLetter(char: string): string | undefined {
  const offset = (char.codePointAt(0) ?? 0) - FIRST_REGIONAL_INDICATOR;
  return offset >= 0 && offset < 26 ? String.fromCharCode(0x41 + offset) : undefined;
}
