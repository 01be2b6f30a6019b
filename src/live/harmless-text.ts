import { stripSequences } from './strip-sequences.ts';

const SIMPLE = /^[\x20-\x7e\n\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u2bff]*$/;
const COLOURS = /(\x1b\[[\d;]*m)/;
const BREAKS = /\r\n|[\u2028\u2029]/g;
// Enclosing marks are among them: terminals draw them over the neighbour. Tabs and line ends are text.
const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Me}\p{Default_Ignorable_Code_Point}]/gu;
// One at a time: a repeated class of characters beyond 16 bits would need a stack as long as the flood.
const FLOOD_OF_MARKS = /(?<=\p{M}{4})\p{M}/gu;
const IN_JSON = /[\x7f-\x9f\p{Cf}\p{Me}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?<=\p{M}{4})\p{M}/gu;

/**
 * Text of any length and any origin as a plain terminal may be sent it: no sequence but colours where `keepColours`, no
 * control but tabs and line ends, nothing that is invisible or reorders text, four marks on a letter at most. Linear.
 */
export function harmlessText(text: string, keepColours: boolean): string {
  if (SIMPLE.test(text)) return text;
  if (!keepColours) return bare(text);
  // What stands between brackets of `split`'s pattern are the colours, at the odd places.
  return text
    .split(COLOURS)
    .map((part, place) => (place % 2 === 1 ? part : bare(part)))
    .join('');
}

/** The same on one line: a title with a line end in it must not look like a line of ours. */
export function harmlessLine(text: string): string {
  return harmlessText(text, false).replace(/[\n\t]+/g, ' ');
}

/** Adjusts the text of a JSON value so that no terminal acts on it; the value stays the same. */
export function harmlessJson(json: string): string {
  return json.replace(IN_JSON, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

function bare(text: string): string {
  return stripSequences(text.toWellFormed())
    .replace(BREAKS, '\n')
    .replaceAll('\r', ' ')
    .replace(INVISIBLE, '')
    .replace(FLOOD_OF_MARKS, '');
}
